import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { createFaultSwitches, delay, faultRoutes } from "../fault-switches.ts";
import type { SqlBackend, SqlResult } from "../postgres/backend.ts";
import { type NodeBindings, type StandIn, serve } from "../serve.ts";
import { createOutcomeDrawer, NeonFaults } from "./faults.ts";
import { createRequestLog, type RequestLog } from "./request-log.ts";
import {
  checkConnectionString,
  checkOutputHeaders,
  computeGone,
  type NeonPayload,
  parseBatchOptions,
  parsePayload,
  toWireError,
  toWireResult,
} from "./wire.ts";

export interface NeonOptions {
  readonly backend: SqlBackend;
  readonly password: string;
  readonly user?: string;
  readonly port?: number;
}

export interface NeonStandIn extends StandIn, Pick<RequestLog, "onRequest"> {
  readonly connectionString: string;
  readonly fetchEndpoint: string;
  stats: RequestLog["stats"];
  resetStats(): void;
}

/** Neon's SQL over HTTP in front of any backend; stopping it leaves the backend open. */
export async function startNeon(options: NeonOptions): Promise<NeonStandIn> {
  const { user = "pantheon_owner", password } = options;
  const log = createRequestLog();
  const { url, stop } = await serve(createNeonApp({ ...options, user }, log).fetch, options.port);
  const { host } = new URL(url);
  return {
    url,
    stop,
    connectionString: `postgresql://${user}:${encodeURIComponent(password)}@${host}/pantheon`,
    fetchEndpoint: `${url}/sql`,
    stats: log.stats,
    resetStats: log.reset,
    onRequest: log.onRequest,
  };
}

function createNeonApp({ backend, user, password }: Required<Omit<NeonOptions, "port">>, log: RequestLog) {
  const switches = createFaultSwitches(NeonFaults);
  const outcomes = createOutcomeDrawer();
  const app = new Hono<{ Bindings: NodeBindings }>();
  app.route("/", faultRoutes({ token: password, schema: NeonFaults, switches, onChange: outcomes.restart }));
  app.get("/_faults/stats", (context) => context.json(log.stats()));
  app.delete("/_faults/stats", (context) => {
    log.reset();
    return context.json(log.stats());
  });
  app.post("/sql", async (context) => {
    const faults = switches.current();
    const outcome = outcomes.draw(faults, switches.strikes);
    const { outgoing } = context.env;
    await delay(faults.slow_ms / faults.time_scale);
    if (outcome === "hang") return untilClosed(outgoing);
    if (outcome === "reset") return cut(outgoing);
    if (outcome === "compute_gone") return context.json(computeGone.body, computeGone.status);
    if (outcome === "error") return context.json(toWireError(new Error("injected failure")).body, 500);
    const answer = await answerSql(context.req.raw, { backend, user, password, log });
    return outcome === "drop_answer" ? cut(outgoing) : context.json(answer.body, answer.status);
  });
  return app;
}

type Outgoing = NodeBindings["outgoing"];

function cut(outgoing: Outgoing): Response {
  outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}

function untilClosed(outgoing: Outgoing): Promise<Response> {
  return new Promise((resolve) => outgoing.once("close", () => resolve(RESPONSE_ALREADY_SENT)));
}

interface SqlContext {
  readonly backend: SqlBackend;
  readonly user: string;
  readonly password: string;
  readonly log: RequestLog;
}

async function answerSql(request: Request, { backend, user, password, log }: SqlContext) {
  try {
    checkConnectionString(request.headers.get("neon-connection-string"), { user, password });
    checkOutputHeaders(request.headers);
    const payload = parsePayload(await request.text());
    const results = await runLogged(backend, payload, request.headers, log);
    const [single] = results.map(toWireResult);
    return { status: 200, body: payload.kind === "single" ? single : { results: results.map(toWireResult) } } as const;
  } catch (error) {
    return toWireError(error);
  }
}

async function runLogged(backend: SqlBackend, payload: NeonPayload, headers: Headers, log: RequestLog) {
  const statements = payload.kind === "single" ? [payload.statement] : payload.statements;
  let results: readonly SqlResult[] = [];
  try {
    results = await run(backend, payload, headers);
    return results;
  } finally {
    const rowsReturned = results.reduce((sum, { rows }) => sum + rows.length, 0);
    log.record({ queries: statements.map(({ sql }) => sql), rowsReturned });
  }
}

async function run(backend: SqlBackend, payload: NeonPayload, headers: Headers): Promise<readonly SqlResult[]> {
  if (payload.kind === "single") return [await backend.run(payload.statement)];
  return backend.runBatch(payload.statements, parseBatchOptions(headers));
}
