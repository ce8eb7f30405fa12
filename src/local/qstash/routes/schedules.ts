import { Hono } from "hono";
import { parseCron } from "../cron.ts";
import { readSubmission } from "../headers.ts";
import { notFound, type QstashContext, type QstashEnv, type Services } from "../services.ts";
import { toRequest } from "../submit.ts";
import { viewSchedule } from "../views.ts";
import { rawTail, readHeaders } from "./publish.ts";

export function scheduleRoutes(services: Services): Hono<QstashEnv> {
  const { schedules } = services;
  const app = new Hono<QstashEnv>();
  app.post("/v2/schedules/*", (context) => createSchedule(services, context));
  app.get("/v2/schedules", (context) => context.json(schedules.list().map(viewSchedule)));
  app.get("/v2/schedules/:id", (context) => {
    const schedule = schedules.get(context.req.param("id"));
    return schedule === undefined ? notFound(context, "schedule") : context.json(viewSchedule(schedule));
  });
  app.delete("/v2/schedules/:id", (context) =>
    schedules.delete(context.req.param("id")) ? context.body(null, 200) : notFound(context, "schedule"),
  );
  app.patch("/v2/schedules/:id/:verb{pause|resume}", (context) => {
    const { id, verb } = context.req.param();
    return schedules.setPaused(id, verb === "pause") ? context.body(null, 200) : notFound(context, "schedule");
  });
  return app;
}

async function createSchedule(services: Services, context: QstashContext): Promise<Response> {
  const headers = readHeaders(context);
  const destination = rawTail(context, 2);
  const cron = headers.get("upstash-cron") ?? "";
  if (parseCron(cron) === undefined) return context.json({ error: `invalid Upstash-Cron: ${cron}` }, 400);
  const bodyBase64 = Buffer.from(await context.req.arrayBuffer()).toString("base64");
  const queueName = headers.get("upstash-queue-name");
  const submission = readSubmission({ destination, headers, bodyBase64, queueName });
  if ("refused" in submission) return context.json({ error: submission.refused }, 400);
  const request = toRequest(destination, submission);
  if ("refused" in request) return context.json({ error: request.refused }, 400);
  const scheduleId = headers.get("upstash-schedule-id") ?? services.core.newId("scd");
  services.schedules.put({ scheduleId, cron, destination, submission });
  return context.json({ scheduleId }, 201);
}
