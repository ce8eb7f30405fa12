import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type Cloud, startCloud } from "../../../src/local/cloud.ts";
import { type StandIn, serve } from "../../../src/local/serve.ts";
import { shiftedNow } from "../../engine/engine-bench.ts";
import { openTestDatabase, type TestDatabase } from "../../support/database.ts";
import { freePort } from "./free-port.ts";

/** A request of the Worker to the outside, by what it asks for. */
export type Errand = "claim" | "model call" | "commit" | "publish" | "create turn" | "other";

/** Told of each request of the Worker, before it goes on and after it was carried out but not yet answered. */
export interface Tap {
  before(errand: Errand): Promise<void>;
  after(errand: Errand): Promise<void>;
}

export interface TappedCloud {
  readonly cloud: Cloud;
  readonly port: number;
  /** The Worker's environment: every vendor it calls is behind the tap. */
  readonly variables: Readonly<Record<string, string>>;
  setTap(tap: Tap): void;
  signIn(): Promise<string>;
  /** Lets every lease of this moment end: the database's clock is set forward. */
  endLeases(): Promise<void>;
  /** One JSON value, as the system role sees it. */
  read(sql: string): Promise<unknown>;
  stop(): Promise<void>;
}

const errandByText = [
  ["pantheon_claim_step", "claim"],
  ["pantheon_commit_step", "commit"],
  ["pantheon_create_turn", "create turn"],
] as const;

export const silentTap: Tap = { before: async () => undefined, after: async () => undefined };

/** Deadlines that a slow machine does not reach, and a summary as soon as there is anything to sum up. */
const settings = {
  MODEL_TIMEOUT_SECONDS: "60",
  STEP_DEADLINE_SECONDS: "80",
  STEP_TIMEOUT_SECONDS: "100",
  STEP_LEASE_SECONDS: "120",
  CONTEXT_MANDATORY_SUMMARY_TURN: "1",
  CONTEXT_RECENT_TURNS_TO_KEEP: "1",
};

export async function openTappedCloud(): Promise<TappedCloud> {
  const port = await freePort();
  const database = await openTestDatabase();
  const cloud = await startCloud({
    dataFolder: null,
    backend: database.backend,
    publicBaseUrl: `http://127.0.0.1:${port}`,
    variables: settings,
  });
  await hastenQueue(cloud);
  let tap = silentTap;
  let secondsAhead = 0;
  const taps = await startTaps(cloud, () => tap);
  const [neon, openRouter, qstash] = taps;
  return {
    cloud,
    port,
    variables: {
      ...cloud.variables,
      NEON_FETCH_ENDPOINT: `${neon.url}/sql`,
      OPENROUTER_BASE_URL: `${openRouter.url}/api/v1`,
      QSTASH_URL: qstash.url,
    },
    setTap: (next) => {
      tap = next;
    },
    signIn: () => signIn(cloud),
    endLeases: async () => {
      secondsAhead += Number(settings.STEP_LEASE_SECONDS);
      await database.backend.run({ sql: shiftedNow(secondsAhead) });
    },
    read: (sql) => readAsSystem(database, sql),
    stop: async () => {
      for (const each of taps) await each.stop();
      await cloud.stop();
      await database.stop();
    },
  };
}

/** The queue's own pauses, a third as long. */
async function hastenQueue({ standIns, keys }: Cloud): Promise<void> {
  const headers = { authorization: `Bearer ${keys.qstashToken}`, "content-type": "application/json" };
  const body = JSON.stringify({ time_scale: 3 });
  const response = await fetch(`${standIns.qstash.url}/_faults`, { method: "PUT", headers, body });
  if (!response.ok) throw new Error(`the queue's switches were refused: ${await response.text()}`);
}

async function startTaps({ standIns }: Cloud, tap: () => Tap) {
  const start = (target: StandIn, errandOf: (body: string) => Errand) =>
    serve((request) => passOn(request, { target: target.url, errandOf, tap: tap() }));
  return [
    await start(standIns.neon, (body) => errandByText.find(([text]) => body.includes(text))?.[1] ?? "other"),
    await start(standIns.openRouter, () => "model call"),
    await start(standIns.qstash, () => "publish"),
  ] as const;
}

interface Passing {
  readonly target: string;
  readonly errandOf: (body: string) => Errand;
  readonly tap: Tap;
}

async function passOn(request: Request, { target, errandOf, tap }: Passing): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const body = await request.text();
  const errand = errandOf(body);
  await tap.before(errand);
  const headers = new Headers(request.headers);
  for (const name of ["host", "connection", "content-length", "transfer-encoding"]) headers.delete(name);
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const answer = await fetch(`${target}${pathname}${search}`, {
    method: request.method,
    headers,
    ...(hasBody ? { body } : {}),
  });
  await tap.after(errand);
  const back = new Headers(answer.headers);
  for (const name of ["connection", "content-encoding", "content-length", "transfer-encoding"]) back.delete(name);
  return new Response(answer.body, { status: answer.status, headers: back });
}

const Minted = z.object({ access_token: z.string() });

async function signIn({ standIns, keys }: Cloud): Promise<string> {
  const id = randomUUID();
  const response = await fetch(`${standIns.supabase.url}/_faults/mint`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.supabaseAnonKey}`, "content-type": "application/json" },
    body: JSON.stringify({ claims: { sub: id, email: `${id}@example.com` } }),
  });
  return Minted.parse(await response.json()).access_token;
}

async function readAsSystem({ backend }: TestDatabase, sql: string): Promise<unknown> {
  const statements = [{ sql: "set local role pantheon_system" }, { sql: `select to_jsonb((${sql}))` }];
  return JSON.parse((await backend.runBatch(statements))[1]?.rows[0]?.[0] ?? "null");
}
