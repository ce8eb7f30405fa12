import { Hono } from "hono";
import type { QueueCore } from "../core.ts";
import { createMessageFilter, type Page, paginate } from "../filter.ts";
import type { DeadLetter } from "../message.ts";
import { notFound, type QstashEnv, type Services } from "../services.ts";
import { viewDeadLetter } from "../views.ts";

export function deadLetterRoutes({ core }: Services): Hono<QstashEnv> {
  const app = new Hono<QstashEnv>();
  app.get("/v2/dlq", (context) => {
    const { items, cursor } = selectPage(core, new URL(context.req.url).searchParams);
    return context.json({ messages: items.map(viewDeadLetter), cursor });
  });
  app.get("/v2/dlq/:id", (context) => {
    const letter = core.deadLetters().find(({ dlqId }) => dlqId === context.req.param("id"));
    return letter === undefined ? notFound(context, "dead letter") : context.json(viewDeadLetter(letter));
  });
  app.delete("/v2/dlq/:id", (context) =>
    core.removeDeadLetter(context.req.param("id")) ? context.body(null, 200) : notFound(context, "dead letter"),
  );
  app.delete("/v2/dlq", (context) => {
    const { items, cursor } = selectPage(core, new URL(context.req.url).searchParams);
    const deleted = items.filter(({ dlqId }) => core.removeDeadLetter(dlqId));
    return context.json({ deleted: deleted.length, cursor: moreCursor(cursor) });
  });
  app.post("/v2/dlq/retry", (context) => {
    const query = new URL(context.req.url).searchParams;
    const { items, cursor } = selectPage(core, query);
    const responses = items.flatMap(({ dlqId }) => core.retryDeadLetter(dlqId) ?? []);
    if (responses.length === 0 && query.has("dlqIds")) return notFound(context, "dead letter");
    return context.json({ responses, cursor: moreCursor(cursor) }, 201);
  });
  return app;
}

function selectPage(core: QueueCore, query: URLSearchParams): Page<DeadLetter> {
  const matches = createMessageFilter(query);
  const ids = query.getAll("dlqIds");
  const statuses = query.getAll("responseStatus");
  const found = core.deadLetters().filter(({ dlqId, message, answer, diedAt }) => {
    const status = answer.kind === "response" ? String(answer.status) : "0";
    const isListed = ids.length === 0 || ids.includes(dlqId);
    return isListed && (statuses.length === 0 || statuses.includes(status)) && matches(message, diedAt);
  });
  return paginate(found, query, ({ dlqId }) => dlqId);
}

/** After a bulk action the page is gone, so the next one starts at the top again; the cursor only says that there is more. */
function moreCursor(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : "more";
}
