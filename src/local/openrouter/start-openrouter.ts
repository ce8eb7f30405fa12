import { timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { type NodeBindings, type StandIn, serve } from "../serve.ts";
import { generationBody, keyBody } from "./account-answers.ts";
import { answerChat, type Endpoint } from "./answer-chat.ts";
import { createControlRoutes } from "./control-routes.ts";
import { errorBody, errorResponse, unauthorized } from "./errors.ts";
import { createFaultBox } from "./fault-box.ts";
import type { FaultSwitchesInput } from "./fault-switches.ts";
import { models, modelToWire } from "./models.ts";
import { createPrefixCache } from "./prefix-cache.ts";
import { createRecorder, type RecordedRequest, type RecorderStats } from "./recorder.ts";
import { createScriptBox, type ScriptInput } from "./script.ts";
import { createShiftableClock } from "./shiftable-clock.ts";
import type { Caller } from "./stream-answer.ts";

export interface OpenRouterOptions {
  readonly apiKey: string;
  readonly port?: number;
  /** A speaking pace for demonstrations; tests leave it at 0. */
  readonly msPerChunk?: number;
}

/** The same controls as `/_faults`, for a test in the same process. */
export interface OpenRouter extends StandIn {
  readonly baseUrl: string;
  readonly apiKey: string;
  setFaults(switches: FaultSwitchesInput): void;
  setScript(script: ScriptInput): void;
  requests(): readonly RecordedRequest[];
  stats(): RecorderStats;
  /** Calls that hang or pause at this moment. */
  waiting(): number;
  advance(ms: number): void;
  release(): void;
  reset(): void;
}

type App = { Bindings: NodeBindings };

export async function startOpenRouter({ apiKey, port = 0, msPerChunk = 0 }: OpenRouterOptions): Promise<OpenRouter> {
  const endpoint: Endpoint = {
    faults: createFaultBox(),
    script: createScriptBox(),
    recorder: createRecorder(),
    prefixes: createPrefixCache(),
    clock: createShiftableClock(),
    msPerChunk,
  };
  const app = createApp(endpoint, apiKey);
  const server = await serve((request, bindings) => app.fetch(request, bindings), port);
  return {
    url: server.url,
    baseUrl: `${server.url}/api/v1`,
    apiKey,
    async stop() {
      endpoint.clock.release();
      await server.stop();
    },
    setFaults(switches) {
      endpoint.faults.replace(switches);
      endpoint.clock.setScale(switches.time_scale ?? 1);
    },
    setScript: (script) => endpoint.script.replace(script),
    requests: () => endpoint.recorder.requests(),
    stats: () => endpoint.recorder.stats(),
    waiting: () => endpoint.clock.waiting(),
    advance: (ms) => endpoint.clock.advance(ms),
    release: () => endpoint.clock.release(),
    reset: () => reset(endpoint),
  };
}

function reset({ faults, script, recorder, prefixes, clock }: Endpoint): void {
  faults.clear();
  script.clear();
  recorder.clear();
  prefixes.clear();
  clock.setScale(1);
  clock.release();
}

function createApp(endpoint: Endpoint, apiKey: string): Hono<App> {
  const app = new Hono<App>();
  app.use("/_faults/*", async (c, next) => (hasKey(c.req.raw, apiKey) ? next() : unauthorized(true)));
  app.route("/_faults", createControlRoutes(endpoint));
  // As at OpenRouter, the list of models is public and everything else wants the key.
  app.get("/api/v1/models", (c) =>
    recorded(c, endpoint, apiKey, () => Response.json({ data: models.map(modelToWire) })),
  );
  const withKey = (c: Context<App>, answer: Answer) =>
    recorded(c, endpoint, apiKey, (record) => (record.authorization === "valid" ? answer(record) : refused(record)));
  app.post("/api/v1/chat/completions", (c) => withKey(c, (record) => chat(c, endpoint, record)));
  app.get("/api/v1/key", (c) => withKey(c, () => Response.json(keyBody(endpoint.recorder.requests()))));
  app.get("/api/v1/auth/key", (c) => withKey(c, () => Response.json(keyBody(endpoint.recorder.requests()))));
  app.get("/api/v1/generation", (c) => withKey(c, () => generation(endpoint, c.req.query("id") ?? "")));
  app.all("*", (c) => recorded(c, endpoint, apiKey, () => errorResponse(errorBody(404, "Not Found"))));
  return app;
}

type Answer = (record: RecordedRequest) => Response | Promise<Response>;

async function recorded(c: Context<App>, endpoint: Endpoint, apiKey: string, answer: Answer): Promise<Response> {
  const record = endpoint.recorder.start({
    method: c.req.method,
    path: c.req.path,
    authorization: authorizationOf(c.req.raw, apiKey),
    headers: headersWithoutSecrets(c.req.raw.headers),
  });
  const response = await answer(record);
  const isStream = response.ok && record.stream && response.headers.get("content-type") === "text/event-stream";
  if (!isStream) endpoint.recorder.finish(record, response.ok ? "answered" : "refused", response.status);
  return response;
}

async function chat(c: Context<App>, endpoint: Endpoint, record: RecordedRequest): Promise<Response> {
  const caller = callerOf(c.env.outgoing);
  const answer = await answerChat(endpoint, { body: await c.req.text(), record, caller });
  if (answer !== undefined && !caller.signal.aborted) return answer;
  endpoint.recorder.finish(record, "caller_left", null);
  // Tells the Node adapter that the socket has been dealt with.
  return answer ?? new Response(null, { headers: { "x-hono-already-sent": "true" } });
}

function callerOf(outgoing: NodeBindings["outgoing"]): Caller {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  return {
    signal: gone.signal,
    reset: () => {
      if (outgoing.socket !== null && "resetAndDestroy" in outgoing.socket) outgoing.socket.resetAndDestroy();
    },
  };
}

function generation({ recorder }: Endpoint, id: string): Response {
  const record = recorder.findGeneration(id);
  if (record === undefined) return errorResponse(errorBody(404, `Generation ${id} not found`));
  return Response.json(generationBody(record));
}

function refused(record: RecordedRequest): Response {
  return unauthorized(record.authorization === "invalid");
}

function authorizationOf(request: Request, apiKey: string): RecordedRequest["authorization"] {
  if (!request.headers.has("authorization")) return "missing";
  return hasKey(request, apiKey) ? "valid" : "invalid";
}

function hasKey(request: Request, apiKey: string): boolean {
  const given = Buffer.from(request.headers.get("authorization") ?? "");
  const expected = Buffer.from(`Bearer ${apiKey}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function headersWithoutSecrets(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !/^(?:authorization|cookie|x-api-key)$/u.test(name)));
}
