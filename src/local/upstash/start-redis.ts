import type { Socket } from "node:net";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { CommonFaults, createFaultSwitches, delay, faultRoutes } from "../fault-switches.ts";
import { type NodeBindings, type StandIn, serve } from "../serve.ts";
import { createRedisEngine, type Outcome, type RedisEngine } from "./redis-engine.ts";
import { encodeReply } from "./redis-reply.ts";

export interface RedisOptions {
  readonly token: string;
  readonly port?: number;
}

/** `hang` takes the request and never answers; `failure` says what `fail_next` and `rate` do to a request. */
const RedisFaults = CommonFaults.extend({
  hang: z.boolean().default(false),
  failure: z.enum(["error", "reset", "lost_reply"]).default("error"),
});
type RedisFaults = z.infer<typeof RedisFaults>;

type Env = { Bindings: NodeBindings };

const Command = z.array(z.union([z.string(), z.number().transform(String), z.boolean().transform(String)])).min(1);

/** Stands in for Upstash Redis over REST; the data lives in memory and dies with it. */
export async function startRedis(options: RedisOptions): Promise<StandIn> {
  const engine = createRedisEngine();
  const streams = new Set<Socket>();
  const app = new Hono<Env>();
  const switches = createFaultSwitches(RedisFaults);
  const cutStreams = (faults: RedisFaults) => {
    if (faults.down) for (const socket of streams) socket.destroy();
  };
  app.route("/", faultRoutes({ token: options.token, schema: RedisFaults, switches, onChange: cutStreams }));
  app.use(async (context, next) => {
    const { down, hang, slow_ms, failure } = switches.current();
    if (down) return hangUp(context);
    if (hang) return new Promise<never>(() => undefined);
    await delay(slow_ms);
    if (!switches.strikes()) return next();
    if (failure === "error") return context.json({ error: "ERR injected fault" }, 500);
    if (failure === "lost_reply") await next();
    context.res = hangUp(context);
  });
  addRedisRoutes(app, { engine, token: options.token, streams });
  const server = await serve((request, bindings) => app.fetch(request, bindings), options.port);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await engine.close();
    },
  };
}

interface RouteParts {
  readonly engine: RedisEngine;
  readonly token: string;
  readonly streams: Set<Socket>;
}

function addRedisRoutes(app: Hono<Env>, { engine, token, streams }: RouteParts): void {
  app.use(async (context, next) => {
    const isKnown = context.req.header("authorization") === `Bearer ${token}`;
    if (!isKnown) return context.json({ error: "Unauthorized" }, 401);
    return next();
  });
  app.post("/", async (context) => {
    const command = Command.safeParse(await readJson(context));
    if (!command.success) return context.json({ error: "ERR failed to parse command" }, 400);
    return answer(context, await engine.run(command.data));
  });
  app.post("/subscribe/:channel", (context) => stream(context, engine, streams));
  app.get("/ping", async (context) => answer(context, await engine.run(["ping"])));
  app.notFound((context) => context.json({ error: `ERR no route ${context.req.method} ${context.req.path}` }, 404));
}

function answer(context: Context<Env>, outcome: Outcome): Response {
  if ("error" in outcome) return context.json(outcome, 400);
  const isEncoded = context.req.header("upstash-encoding") === "base64";
  return context.json({ result: isEncoded ? encodeReply(outcome.result) : outcome.result });
}

function stream(context: Context<Env, "/subscribe/:channel">, engine: RedisEngine, streams: Set<Socket>): Response {
  const { socket } = context.env.incoming;
  const encoder = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      streams.add(socket);
      end = engine.subscribe(context.req.param("channel"), (fields) =>
        controller.enqueue(encoder.encode(`data: ${fields.join(",")}\n\n`)),
      );
    },
    cancel: () => {
      streams.delete(socket);
      end();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-cache" } });
}

function hangUp(context: Context<Env>): Response {
  context.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

async function readJson(context: Context<Env>): Promise<unknown> {
  return context.req.json().catch(() => undefined);
}
