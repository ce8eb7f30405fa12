import { randomUUID } from "node:crypto";
import * as z from "zod";
import { openApi } from "../../functions/api.ts";
import { parseEnvironment } from "../../src/compose/env.ts";
import { type Composed, compose } from "../../src/compose.ts";
import { Problem } from "../../src/contract/problem.ts";
import { basePath } from "../../src/http/base-path.ts";
import { type Cloud, startCloud } from "../../src/local/cloud.ts";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import type { Log, LogFields } from "../../src/ports/log.ts";
import type { Ports } from "../../src/ports/ports.ts";
import { createFakeQueue } from "../fakes/queue.ts";
import { openAnyDatabase, type TestDatabase } from "./database.ts";
import { patientDeadlines } from "./patient-deadlines.ts";
import { checkAgainstRoute } from "./route-answers.ts";
import { uncounted } from "./uncounted.ts";

export interface ApiWorldOptions {
  /** Whoever opened it leaves it to the world, which stops it. */
  readonly database?: TestDatabase;
  readonly variables?: Readonly<Record<string, string>>;
  readonly ports?: Partial<Ports>;
  /** Counts requests in Redis, which on a busy machine may answer later than the Worker waits. */
  readonly isThrottled?: boolean;
  /** Where the queue is to find the Worker, if anything serves it. */
  readonly publicBaseUrl?: string;
}

export interface RequestOptions {
  readonly token?: string | null;
  /** Sent as JSON; `rawBody` is sent as it is. */
  readonly body?: unknown;
  readonly rawBody?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json<T extends z.ZodType>(schema: T): z.output<T>;
  problem(): Problem;
}

export interface ApiUser {
  readonly id: string;
  readonly token: string;
}

export interface LogLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly fields: LogFields;
}

export type StandInName = "neon" | "redis" | "supabase" | "openRouter" | "qstash" | "dns";

export interface ApiWorld {
  readonly backend: SqlBackend;
  readonly cloud: Cloud;
  readonly composed: Composed;
  readonly logged: readonly LogLine[];
  /** A path below /api/v1. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Every answer is held against the route table before it comes back. */
  send(request: Request): Promise<Answer>;
  /** Somebody whom the product has never seen. */
  signUp(): Promise<ApiUser>;
  /** The one user whom ADMIN_USER_IDS names, unless the variables name others. */
  signInAdmin(): Promise<ApiUser>;
  mint(mint: object): Promise<string>;
  setFaults(standIn: StandInName, faults: object): Promise<void>;
  /** Requests that reached the database since the last call. */
  sqlTrips(): number;
  stop(): Promise<void>;
}

const host = "http://api.test";

/** The whole API in this process, over the local cloud: only time and chance are real. */
export async function openApiWorld(options: ApiWorldOptions = {}): Promise<ApiWorld> {
  const database = options.database ?? (await openAnyDatabase());
  const cloud = await startCloud({
    dataFolder: null,
    backend: database.backend,
    publicBaseUrl: options.publicBaseUrl ?? host,
  });
  const logged: LogLine[] = [];
  const adminId = randomUUID();
  const presets = { REQUEST_RATE_PER_MINUTE: "1000000", ADMIN_USER_IDS: adminId };
  const variables = { ...cloud.variables, ...presets, ...options.variables };
  const throttle = options.isThrottled === true ? {} : { throttle: uncounted };
  const queue = options.publicBaseUrl === undefined ? { queue: createFakeQueue() } : {};
  const composed = composeFrom(variables, { log: recordingLog(logged), ...throttle, ...queue, ...options.ports });
  const app = openApi(composed);
  const send = async (request: Request) => toAnswer(request, await app.fetch(request));
  const mint = (wanted: object) => mintToken(cloud, wanted);
  return {
    backend: database.backend,
    cloud,
    composed,
    logged,
    send,
    mint,
    request: (method, path, sent = {}) => send(toRequest(method, path, sent)),
    signUp: () => signIn(mint, randomUUID()),
    signInAdmin: () => signIn(mint, adminId),
    setFaults: (standIn, faults) => setFaults(cloud, standIn, faults),
    sqlTrips: () => {
      const { requests } = cloud.standIns.neon.stats();
      cloud.standIns.neon.resetStats();
      return requests;
    },
    stop: async () => {
      await cloud.stop();
      await database.stop();
    },
  };
}

async function signIn(mint: ApiWorld["mint"], id: string): Promise<ApiUser> {
  return { id, token: await mint({ claims: { sub: id, email: `${id}@example.com` } }) };
}

function composeFrom(variables: object, ports: Partial<Ports>): Composed {
  const parsed = parseEnvironment(variables);
  if (parsed.kind === "invalid") throw new Error(parsed.message);
  return compose(parsed.environment, ports, patientDeadlines);
}

export function toRequest(method: string, path: string, { token, body, rawBody, headers }: RequestOptions): Request {
  const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Request(host + basePath + path, {
    method: method.toUpperCase(),
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(sent === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
}

async function toAnswer(request: Request, response: Response): Promise<Answer> {
  const text = await response.text();
  checkAgainstRoute(request, { status: response.status, headers: response.headers, text });
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (schema) => schema.parse(JSON.parse(text)),
    problem: () => parseProblem(response, text),
  };
}

/** Refuses an answer that is no RFC 9457 problem, or says one thing in its head and another in its body. */
function parseProblem({ status, headers }: Response, text: string): Problem {
  if (headers.get("content-type") !== "application/problem+json") throw new Error(`${status} is no problem: ${text}`);
  const problem = Problem.parse(JSON.parse(text));
  if (problem.status !== status) throw new Error(`a ${status} whose body says ${problem.status}`);
  if (problem.request_id !== headers.get("x-request-id")) throw new Error("a problem of another request id");
  return problem;
}

function recordingLog(logged: LogLine[]): Log {
  const record =
    (level: keyof Log) =>
    (event: string, fields: LogFields = {}): void => {
      logged.push({ level, event, fields });
    };
  return { info: record("info"), warn: record("warn"), error: record("error") };
}

async function mintToken({ standIns, keys }: Cloud, wanted: object): Promise<string> {
  const minted = await command(`${standIns.supabase.url}/_faults/mint`, {
    method: "POST",
    token: keys.supabaseAnonKey,
    body: wanted,
  });
  return z.object({ access_token: z.string() }).parse(minted).access_token;
}

async function setFaults({ standIns, keys }: Cloud, name: StandInName, faults: object): Promise<void> {
  const token = {
    neon: keys.databasePassword,
    redis: keys.redisToken,
    supabase: keys.supabaseAnonKey,
    openRouter: keys.openRouterKey,
    dns: keys.dnsToken,
    qstash: keys.qstashToken,
  }[name];
  await command(`${standIns[name].url}/_faults`, { method: "PUT", token, body: faults });
}

interface Command {
  readonly method: string;
  readonly token: string;
  readonly body: object;
}

async function command(url: string, { method, token, body }: Command): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
