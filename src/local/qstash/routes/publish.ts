import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import * as z from "zod";
import { type HeaderMap, isLoopbackUrl, notLoopback, type Refusal, readSubmission } from "../headers.ts";
import type { PublishRequest } from "../message.ts";
import { refuseAbovePlan } from "../plan.ts";
import type { QstashContext, QstashEnv, Services } from "../services.ts";

const publishPath = "/v2/publish/";
const largestBodyBytes = 1024 * 1024;
const Batch = z.array(
  z.strictObject({
    destination: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().default(""),
  }),
);

export function publishRoutes(services: Services): Hono<QstashEnv> {
  const app = new Hono<QstashEnv>();
  app.post(`${publishPath}*`, (context) => publishOne(services, context));
  app.post("/v2/batch", (context) => publishBatch(services, context));
  return app;
}

/** What follows `/v2/publish/`, byte for byte as it came. */
function rawDestination(context: QstashContext): string {
  return (context.env.incoming.url ?? "").slice(publishPath.length);
}

async function publishOne(services: Services, context: QstashContext): Promise<Response> {
  const body = Buffer.from(await context.req.arrayBuffer());
  if (body.byteLength > largestBodyBytes) return tooLarge(context);
  const request = readRequest(rawDestination(context), new Map(Object.entries(context.req.header())), body);
  if ("refused" in request) return context.json({ error: request.refused }, 400);
  return accept(services, context, [request], () => {
    const result = services.core.publish(request);
    return context.json(result, "deduplicated" in result ? 202 : 200);
  });
}

async function publishBatch(services: Services, context: QstashContext): Promise<Response> {
  const batch = Batch.safeParse(await context.req.json().catch(() => undefined));
  if (!batch.success) return context.json({ error: `invalid batch: ${z.prettifyError(batch.error)}` }, 400);
  if (batch.data.some(({ body }) => Buffer.byteLength(body) > largestBodyBytes)) return tooLarge(context);
  const requests: PublishRequest[] = [];
  for (const { destination, headers, body } of batch.data) {
    const lowerCase = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const one = readRequest(destination, lowerCase, Buffer.from(body));
    if ("refused" in one) return context.json({ error: one.refused }, 400);
    requests.push(one);
  }
  return accept(services, context, requests, () =>
    context.json(requests.map((request) => services.core.publish(request))),
  );
}

function readRequest(url: string, headers: HeaderMap, body: Buffer): PublishRequest | Refusal {
  const submission = readSubmission(headers, body.toString("base64"));
  if ("refused" in submission) return submission;
  return isLoopbackUrl(url) ? { ...submission, url } : notLoopback(url);
}

/** Runs the acceptance unless the plan forbids it or a publish fault strikes. */
async function accept(
  services: Services,
  context: QstashContext,
  requests: readonly PublishRequest[],
  publish: () => Response,
): Promise<Response> {
  const { faults } = services.core;
  const refused = refuseAbovePlan(faults.current().plan, requests);
  if (refused !== undefined) return refused;
  const failing = faults.strike("publish_error", "");
  if (failing !== undefined) return Response.json({ error: "injected fault" }, { status: failing.status });
  const hanging = faults.strike("publish_hang", "");
  if (hanging !== undefined) return hang(context, hanging.ms);
  services.requestCounts.publish += 1;
  const answer = publish();
  return faults.strike("publish_lose_answer", "") === undefined ? answer : hang(context, 0);
}

/** Holds the connection for that long, then cuts it. */
export async function hang(context: QstashContext, ms: number): Promise<Response> {
  const { outgoing } = context.env;
  await Promise.race([once(outgoing, "close"), sleep(ms, undefined, { ref: false })]);
  outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}

function tooLarge(context: QstashContext): Response {
  return context.json({ error: `message body is larger than ${largestBodyBytes} bytes` }, 413);
}
