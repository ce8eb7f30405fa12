import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type Cloud, startCloud } from "../../src/local/cloud.ts";
import { serve } from "../../src/local/serve.ts";
import { type LocalWorker, startWorker } from "../../src/local/worker.ts";
import { shiftedNow } from "../engine/engine-bench.ts";
import { openRaceDatabase, openTestDatabase, type TestDatabase } from "../support/database.ts";

/** The Worker as it is deployed, in its own runtime, over the local cloud. */
export interface Arena {
  readonly cloud: Cloud;
  readonly worker: LocalWorker;
  readonly database: "Postgres" | "PGlite";
  /** Ends the Worker with all that it is doing, and starts it again where it was. */
  restart(): Promise<void>;
  /** The database's clock and the queue's, moved on together. */
  pass(seconds: number): Promise<void>;
  /** What the system role reads. */
  ask(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  stop(): Promise<void>;
}

const limits = {
  REQUEST_RATE_PER_MINUTE: "1000000",
  TURN_RATE_PER_MINUTE: "100000",
  TURN_RATE_PER_HOUR: "1000000",
  SIGNUP_GRANT_CREDITS: "100000",
};

export async function openArena(): Promise<Arena> {
  const real = await openRaceDatabase();
  const database = real ?? (await openTestDatabase());
  const port = await freePort();
  const cloud = await startCloud({
    dataFolder: null,
    backend: database.backend,
    publicBaseUrl: `http://127.0.0.1:${port}`,
    variables: limits,
  });
  const start = () => startWorker({ port, variables: cloud.variables });
  let worker = await start();
  let shiftSeconds = 0;
  return {
    cloud,
    get worker() {
      return worker;
    },
    async restart() {
      await worker.stop();
      worker = await start();
    },
    async pass(seconds) {
      shiftSeconds += seconds;
      await database.backend.run({ sql: shiftedNow(shiftSeconds) });
      cloud.standIns.qstash.advance(seconds * 1000);
    },
    database: real === null ? "PGlite" : "Postgres",
    ask: (sql) => askAsSystem(database, sql),
    stop: async () => {
      await worker.stop();
      await cloud.stop();
      await database.stop();
    },
  };
}

async function freePort(): Promise<number> {
  const door = await serve(() => new Response());
  await door.stop();
  return Number(new URL(door.url).port);
}

async function askAsSystem({ backend }: TestDatabase, sql: string) {
  const [, answer] = await backend.runBatch([{ sql: "set local role pantheon_system" }, { sql }]);
  return answer?.rows ?? [];
}

export interface Seat {
  readonly token: string;
  readonly sessionId: string;
}

const Made = z.object({ id: z.string() });

/** Sessions of as many users as there are, each user with a room of agents. */
export async function furnishSeats(arena: Arena, size: { users: number; seats: number; agents: number }) {
  const rooms: { readonly token: string; readonly roomId: string }[] = [];
  for (let user = 0; user < size.users; user += 1) rooms.push(await furnishRoom(arena, size.agents));
  const seats: Seat[] = [];
  for (let seat = 0; seat < size.seats; seat += 1) {
    const room = rooms[seat % rooms.length];
    if (room === undefined) throw new Error("there is no room");
    const session = Made.parse(await post(arena, room.token, `/rooms/${room.roomId}/sessions`, {}));
    seats.push({ token: room.token, sessionId: session.id });
  }
  return seats;
}

async function furnishRoom(arena: Arena, agents: number) {
  const token = await mintToken(arena.cloud);
  const room = Made.parse(await post(arena, token, "/rooms", { name: "Bench" }));
  for (let agent = 1; agent <= agents; agent += 1) {
    const agent_key = `agent-${agent}`;
    const body = { agent_key, name: `Agent ${agent}`, model_alias: "gpt-4o-mini", role_prompt: "Be brief." };
    await post(arena, token, `/rooms/${room.id}/agents`, body);
  }
  return { token, roomId: room.id };
}

export async function mintToken({ standIns, keys }: Cloud): Promise<string> {
  const sub = randomUUID();
  const response = await fetch(`${standIns.supabase.url}/_faults/mint`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.supabaseAnonKey}`, "content-type": "application/json" },
    body: JSON.stringify({ claims: { sub, email: `${sub}@example.com` } }),
  });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}

export async function post({ worker }: Arena, token: string, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${worker.url}/api/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
