import { Hono } from "hono";
import { createMessageFilter, paginate } from "../filter.ts";
import { notFound, type QstashContext, type QstashEnv, type Services } from "../services.ts";
import { viewEvent, viewMessage } from "../views.ts";

export function messageRoutes({ core }: Services): Hono<QstashEnv> {
  const app = new Hono<QstashEnv>();
  const listEvents = (context: QstashContext) => {
    const query = new URL(context.req.url).searchParams;
    const matches = createMessageFilter(query);
    const states = query.getAll("state");
    const found = core
      .events()
      .filter(({ message, time, state }) => matches(message, time) && (states.length === 0 || states.includes(state)));
    const numbered = found.map((event, index) => ({ event, id: String(found.length - index) }));
    const { items, cursor } = paginate(numbered, query, ({ id }) => id);
    return context.json({ cursor, events: items.map(({ event }) => viewEvent(event)) });
  };
  app.get("/v2/events", listEvents);
  app.get("/v2/logs", listEvents);
  app.get("/v2/messages/:id", (context) => {
    const message = core.message(context.req.param("id"));
    return message === undefined ? notFound(context, "message") : context.json(viewMessage(message));
  });
  app.delete("/v2/messages/:id", (context) =>
    core.cancel(context.req.param("id")) ? context.json({ cancelled: 1 }, 202) : notFound(context, "message"),
  );
  app.delete("/v2/messages", (context) => {
    const matches = createMessageFilter(new URL(context.req.url).searchParams);
    const cancelled = core
      .messages()
      .filter((message) => matches(message, message.createdAt))
      .filter(({ messageId }) => core.cancel(messageId));
    return context.json({ cancelled: cancelled.length }, 202);
  });
  return app;
}
