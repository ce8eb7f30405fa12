import { Hono } from "hono";
import type { QueueAnswer } from "../app/engine/queue-answer.ts";
import { runStep } from "../app/engine/run-step.ts";
import { deliverWebhook } from "../app/webhooks/deliver-webhook.ts";
import { PantheonError } from "../contract/errors.ts";
import type { Ports } from "../ports/ports.ts";
import { readBounded } from "./read-bounded.ts";

export const deliveriesPath = "/internal/deliveries";

/** Messages hold ids only, in 200 bytes. */
const maxMessageBytes = 4096;

interface HttpAnswer {
  readonly status: 200 | 409 | 489 | 500 | 503;
  readonly headers: Readonly<Record<string, string>>;
}

interface QueueEntrypoint {
  readonly path: string;
  readonly run: (ports: Ports, body: string) => Promise<QueueAnswer>;
}

/** One agent call for each message. */
export function createStepApp(ports: Ports): Hono {
  return createQueueApp(ports, { path: "/internal/steps", run: runStep });
}

/** One attempt of one webhook for each message. */
export function createDeliveryApp(ports: Ports): Hono {
  return createQueueApp(ports, { path: deliveriesPath, run: deliverWebhook });
}

/** A request without a signature is refused unread, a long one half read, a forged one before the database. */
function createQueueApp(ports: Ports, { path, run }: QueueEntrypoint): Hono {
  const app = new Hono();
  app.post(path, async (context) => {
    const refuse = (status: 401 | 413, verdict: string) => {
      ports.log.warn("delivery_refused", { verdict });
      return context.json({ error: status === 401 ? "unauthorized" : "payload_too_large" }, status);
    };
    const signature = context.req.header("upstash-signature");
    if (signature === undefined) return refuse(401, "unsigned");
    const bytes = await readBounded(context.req.raw, maxMessageBytes);
    if (bytes === null) return refuse(413, "too_large");
    const body = new TextDecoder().decode(bytes);
    const verdict = await ports.queueVerifier.verify({ signature, body, url: ports.publicBaseUrl + path });
    if (verdict !== "valid") return refuse(401, verdict);
    const { status, headers } = toHttpAnswer(await runOrFail(ports, run, body));
    return context.newResponse(null, status as 200, headers);
  });
  return app;
}

async function runOrFail(ports: Ports, run: QueueEntrypoint["run"], body: string): Promise<QueueAnswer> {
  try {
    return await run(ports, body);
  } catch (error) {
    const isPassing = error instanceof PantheonError && error.code === "dependency_unavailable";
    ports.log.error("queue_door_broke", {
      error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : "unknown",
    });
    return isPassing
      ? { kind: "try_again", retryAfterSeconds: error.details.retryAfterSeconds ?? 5 }
      : { kind: "failed" };
  }
}

function toHttpAnswer(answer: QueueAnswer): HttpAnswer {
  switch (answer.kind) {
    case "done":
      return { status: 200, headers: {} };
    case "come_back":
      return { status: 409, headers: { "Retry-After": String(Math.max(1, answer.retryAfterSeconds)) } };
    case "try_again":
      return { status: 503, headers: { "Retry-After": String(Math.max(1, answer.retryAfterSeconds)) } };
    case "failed":
      return { status: 500, headers: {} };
    case "poison":
      return { status: 489, headers: { "Upstash-NonRetryable-Error": "true" } };
  }
}
