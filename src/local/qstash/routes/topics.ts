import { Hono } from "hono";
import * as z from "zod";
import { isLoopbackUrl, notLoopback } from "../headers.ts";
import { notFound, type QstashEnv, type Services } from "../services.ts";
import { EndpointList, EndpointReference } from "../topics.ts";

const ReferenceList = z.object({ endpoints: z.array(EndpointReference) });

export function topicRoutes({ topics }: Services): Hono<QstashEnv> {
  const app = new Hono<QstashEnv>();
  app.get("/v2/topics", (context) => context.json(topics.list()));
  app.get("/v2/topics/:name", (context) => {
    const topic = topics.get(context.req.param("name"));
    return topic === undefined ? notFound(context, "topic") : context.json(topic);
  });
  app.delete("/v2/topics/:name", (context) =>
    topics.delete(context.req.param("name")) ? context.body(null, 200) : notFound(context, "topic"),
  );
  app.post("/v2/topics/:name/endpoints", async (context) => {
    const parsed = EndpointList.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    const stranger = parsed.data.endpoints.find(({ url }) => !isLoopbackUrl(url));
    if (stranger !== undefined) return context.json({ error: notLoopback(stranger.url).refused }, 400);
    topics.add(context.req.param("name"), parsed.data.endpoints);
    return context.body(null, 200);
  });
  app.delete("/v2/topics/:name/endpoints", async (context) => {
    const parsed = ReferenceList.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    const isKnown = topics.remove(context.req.param("name"), parsed.data.endpoints);
    return isKnown ? context.body(null, 200) : notFound(context, "topic");
  });
  return app;
}
