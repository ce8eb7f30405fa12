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
const Commands = z.array(Command).min(1);
const Advance = z.strictObject({ ms: z.int().min(1) });

/** Stands in for Upstash Redis over REST; the data lives in memory and dies with it. */
export async function startRedis(options: RedisOptions): Promise<StandIn> {
  const engine = createRedisEngine();
  const streams = new Set<Socket>();
  const app = new Hono<Env>();
  const switches = createFaultSwitches(RedisFaults);
  const cutStreams = (faults: RedisFaults) => {
    if (faults.down) for (const socket of streams) socket.destroy();
  };
  const faults = faultRoutes({ token: options.token, schema: RedisFaults, switches, onChange: cutStreams });
  faults.post("/_faults/advance", async (context) => {
    const advance = Advance.safeParse(await readJson(context));
    if (!advance.success) return context.json({ error: z.prettifyError(advance.error) }, 400);
    await engine.advance(advance.data.ms);
    return context.json({ advanced_ms: advance.data.ms });
  });
  app.route("/", faults);
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
    const given = context.req.header("authorization") ?? `Bearer ${context.req.query("_token") ?? ""}`;
    if (given !== `Bearer ${token}`) return context.json({ error: "Unauthorized" }, 401);
    const isMethodServed = ["GET", "HEAD", "POST", "PUT"].includes(context.req.method);
    return isMethodServed ? next() : context.json({ error: "ERR method is not allowed" }, 405);
  });
  app.post("/", async (context) => {
    const command = Command.safeParse(await readJson(context));
    if (!command.success) return context.json({ error: "ERR failed to parse command" }, 400);
    return answer(context, await engine.run(command.data));
  });
  app.post("/pipeline", async (context) => {
    const commands = Commands.safeParse(await readJson(context));
    if (!commands.success) return context.json({ error: "ERR failed to parse pipeline request" }, 400);
    return answerAll(context, await engine.pipeline(commands.data));
  });
  app.post("/multi-exec", async (context) => {
    const commands = Commands.safeParse(await readJson(context));
    if (!commands.success) return context.json({ error: "ERR failed to parse pipeline request" }, 400);
    const outcomes = await engine.transaction(commands.data);
    return "error" in outcomes ? context.json(outcomes, 400) : answerAll(context, outcomes);
  });
  app.all("/:name{p?subscribe}/*", (context) => stream(context, engine, streams));
  app.all("/*", async (context) => {
    const command = await commandFromPath(context);
    return command.length === 0
      ? context.json({ error: "ERR empty command" }, 400)
      : answer(context, await engine.run(command));
  });
}

function answer(context: Context<Env>, outcome: Outcome): Response {
  return "error" in outcome ? context.json(outcome, 400) : context.json(encode(context, outcome));
}

function answerAll(context: Context<Env>, outcomes: readonly Outcome[]): Response {
  return context.json(outcomes.map((outcome) => encode(context, outcome)));
}

function encode(context: Context<Env>, outcome: Outcome): Outcome {
  const isPlain = context.req.header("upstash-encoding") !== "base64";
  return isPlain || "error" in outcome ? outcome : { result: encodeReply(outcome.result) };
}

/** `/set/key/value?EX=10` is `SET key value EX 10`; a body is the last argument before the query's. */
async function commandFromPath(context: Context<Env>): Promise<readonly string[]> {
  const words = pathWords(context);
  const body = context.req.method === "POST" || context.req.method === "PUT" ? await context.req.text() : "";
  const options = [...new URL(context.req.url).searchParams].filter(([name]) => name !== "_token");
  return [...words, ...(body === "" ? [] : [body]), ...options.flat().filter((word) => word !== "")];
}

function pathWords(context: Context<Env>): readonly string[] {
  return new URL(context.req.url).pathname
    .split("/")
    .filter((word) => word !== "")
    .map(decodeURIComponent);
}

function stream(context: Context<Env>, engine: RedisEngine, streams: Set<Socket>): Response {
  const [name, ...channels] = pathWords(context);
  const { socket } = context.env.incoming;
  const encoder = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start: async (controller) => {
      streams.add(socket);
      const onEvent = (fields: readonly (string | number)[]) =>
        controller.enqueue(encoder.encode(`data: ${fields.join(",")}\n\n`));
      end = await engine.subscribe({ isPattern: name === "psubscribe", channels, onEvent });
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
