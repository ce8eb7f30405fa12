import { Hono } from "hono";
import * as z from "zod";
import type { GateState } from "../gate.ts";
import { notFound, type QstashEnv, type Services } from "../services.ts";

const QueueSettings = z.object({
  queueName: z.string().min(1),
  parallelism: z.int().min(1).default(1),
  paused: z.boolean().default(false),
});

export function queueRoutes({ core }: Services): Hono<QstashEnv> {
  const app = new Hono<QstashEnv>();
  app.post("/v2/queues", async (context) => {
    const parsed = QueueSettings.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    const { queueName, parallelism, paused } = parsed.data;
    core.configureQueue(queueName, { parallelism, isPaused: paused });
    return context.body(null, 200);
  });
  app.get("/v2/queues", (context) => context.json(core.queues.list().map(viewQueue)));
  app.get("/v2/queues/:name", (context) => {
    const queue = core.queues.get(context.req.param("name"));
    return queue === undefined ? notFound(context, "queue") : context.json(viewQueue(queue));
  });
  app.delete("/v2/queues/:name", (context) => {
    core.deleteQueue(context.req.param("name"));
    return context.body(null, 200);
  });
  app.post("/v2/queues/:name/:verb{pause|resume}", (context) => {
    const { name, verb } = context.req.param();
    if (core.queues.get(name) === undefined) return notFound(context, "queue");
    core.configureQueue(name, { isPaused: verb === "pause" });
    return context.body(null, 200);
  });
  return app;
}

function viewQueue({ key, createdAt, updatedAt, parallelism, waiting, active, isPaused }: GateState) {
  return { name: key, createdAt, updatedAt, parallelism, lag: waiting + active, paused: isPaused === true };
}
