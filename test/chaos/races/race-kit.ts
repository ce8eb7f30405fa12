import { randomUUID } from "node:crypto";
import { createTurn } from "../../../src/app/turns/create-turn.ts";
import { parseEnvironment } from "../../../src/compose/env.ts";
import { compose } from "../../../src/compose.ts";
import { PantheonError } from "../../../src/contract/errors.ts";
import { RoomId, SessionId, type TurnId, UserId } from "../../../src/contract/ids.ts";
import { CreateTurn } from "../../../src/contract/turns.ts";
import { toTraces } from "../../../src/domain/plan/traces.ts";
import { nextSteps } from "../../../src/domain/turn/rounds.ts";
import type { Caller } from "../../../src/ports/caller.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import type { Claim, ClaimRequest, StepCommit } from "../../../src/ports/steps.ts";
import { openRaceDatabase, type TestDatabase } from "../../support/database.ts";
import { patientDeadlines } from "../../support/patient-deadlines.ts";
import { whyNoRealPostgres } from "../../support/real-postgres.ts";

export interface RaceWorld {
  readonly database: TestDatabase;
  readonly ports: Ports;
  /** A user with one room of so many agents, and a session. */
  furnish(agents: number, means?: Means): Promise<RaceSetting>;
  /** The one value of a query, as the system role sees it. */
  read(sql: string, ...params: string[]): Promise<unknown>;
  /** Changes rows as the system role. */
  change(sql: string, ...params: string[]): Promise<void>;
  stop(): Promise<void>;
}

export interface Means {
  readonly walletUnits: bigint;
}

export interface RaceSetting {
  readonly caller: Extract<Caller, { readonly kind: "user" }>;
  readonly roomId: RoomId;
  readonly sessionId: SessionId;
  /** The new turn, or the code that it was refused with. */
  send(turn?: object): Promise<Sent>;
  /** The same in another session. */
  sendTo(session: SessionId, turn?: object): Promise<Sent>;
}

type Sent = { readonly id: TurnId; readonly turn_index: number } | { readonly refused: string };

const plenty: Means = { walletUnits: 1_000_000_000_000_000n };

const missing = whyNoRealPostgres();

/** For a suite that statements must truly run at once in. */
export const raceSuite = {
  isMissing: missing !== undefined,
  title: missing === undefined ? "on real Postgres" : `on real Postgres (skipped: ${missing})`,
};

export async function openRaceWorld(variables: Readonly<Record<string, string>> = {}): Promise<RaceWorld> {
  const database = await openRaceDatabase();
  if (database === null) throw new Error("no real Postgres on this machine");
  const { backend } = database;
  const ports = composeOver(database, variables);
  const asSystem = async (sql: string, params: readonly string[]) => {
    const role = { sql: "select set_config('role', 'pantheon_system', true)" };
    return (await backend.runBatch([role, { sql, params }]))[1]?.rows[0]?.[0] ?? null;
  };
  return {
    database,
    ports,
    furnish: (agents, means = plenty) => furnish(database, ports, agents, means),
    read: async (sql, ...params) => JSON.parse((await asSystem(`select to_jsonb((${sql}))`, params)) ?? "null"),
    change: async (sql, ...params) => void (await asSystem(sql, params)),
    stop: () => database.stop(),
  };
}

function composeOver({ connectionString, fetchEndpoint }: TestDatabase, variables: object): Ports {
  const nowhere = "http://127.0.0.1:9";
  const parsed = parseEnvironment({
    DATABASE_URL: connectionString,
    NEON_FETCH_ENDPOINT: fetchEndpoint,
    QSTASH_TOKEN: "unused",
    UPSTASH_REDIS_REST_URL: nowhere,
    UPSTASH_REDIS_REST_TOKEN: "unused",
    SUPABASE_URL: nowhere,
    SUPABASE_ANON_KEY: "unused",
    OPENROUTER_API_KEY: "unused",
    PUBLIC_BASE_URL: nowhere,
    TURN_RATE_PER_MINUTE: 100_000,
    TURN_RATE_PER_HOUR: 1_000_000,
    ...variables,
  });
  if (parsed.kind === "invalid") throw new Error(parsed.message);
  const nobodyListens = { publish: async () => undefined };
  return compose(parsed.environment, { queue: nobodyListens }, patientDeadlines).ports;
}

async function furnish(
  { backend }: TestDatabase,
  ports: Ports,
  agents: number,
  { walletUnits }: Means,
): Promise<RaceSetting> {
  const [userId, roomId, sessionId] = [randomUUID(), randomUUID(), randomUUID()];
  const keys = Array.from({ length: agents }, (_, index) => `agent${index}`);
  await backend.runBatch([
    { sql: "select set_config('role', 'pantheon_app', true)" },
    { sql: "select pantheon_authenticate_user($1, null, $2::bigint)", params: [userId, String(walletUnits)] },
    {
      sql: "insert into rooms (id, owner_id, name, goal, mode) values ($1, $2, 'R', '', 'manual')",
      params: [roomId, userId],
    },
    {
      sql: `insert into room_agents (id, owner_id, room_id, agent_key, name, model_alias, role_prompt, position)
        select gen_random_uuid(), $1, $2, key, key, 'gpt-4o-mini', 'Speak.', place
        from jsonb_array_elements_text($3::jsonb) with ordinality as k(key, place)`,
      params: [userId, roomId, JSON.stringify(keys)],
    },
    {
      sql: "insert into sessions (id, owner_id, room_id, title) values ($1, $2, $3, '')",
      params: [sessionId, userId, roomId],
    },
  ]);
  const caller: RaceSetting["caller"] = {
    kind: "user",
    userId: UserId.parse(userId),
    email: null,
    isEmailConfirmed: true,
  };
  const message = keys.map((key) => `@${key}`).join(" ");
  const session = SessionId.parse(sessionId);
  const sendTo: RaceSetting["sendTo"] = (to, turn = {}) =>
    send(ports, caller, { sessionId: to, input: CreateTurn.parse({ message, ...turn }) });
  return {
    caller,
    roomId: RoomId.parse(roomId),
    sessionId: session,
    send: (turn) => sendTo(session, turn),
    sendTo,
  };
}

async function send(ports: Ports, caller: Caller, wanted: Parameters<typeof createTurn>[2]) {
  try {
    const { value } = await createTurn(ports, caller, wanted, null);
    return { id: value.id, turn_index: value.turn_index };
  } catch (error) {
    if (error instanceof PantheonError) return { refused: error.code };
    throw error;
  }
}

export function claimRequest(turn: string, step: string): ClaimRequest {
  return {
    turn,
    step,
    lease_seconds: 150,
    max_attempts: 5,
    recent_turns: 4,
    lost_id: randomUUID(),
  };
}

/** The commit of a step that has spoken. */
export function doneCommit(turn: string, step: string, token: number): StepCommit {
  return {
    turn,
    step,
    token,
    outcome: "done",
    message: { id: randomUUID(), text: `said by ${step}`, tokens: 4, token_class: "prose" },
    error: null,
    result: null,
    flags: [],
    events: [],
    next: [],
    next_needs: [],
    summary: null,
    after: null,
    calls: [],
    tool_calls: [],
    audit_id: randomUUID(),
    audit: noCuts,
  };
}

/** The same with the round that follows, as each sibling proposes it. */
export function goOn(commit: StepCommit, claim: Claim | undefined): StepCommit {
  if (claim?.kind !== "won" || !("steps" in claim) || !("next" in commit))
    throw new Error("only a step that was won and ends goes on");
  const { plan, step, steps } = claim;
  const ended = { ...step, agentKey: step.agent_key, isDone: true, result: null };
  const planned = nextSteps({ plan, seed: commit.turn, ended, steps: toTraces(steps) }, new Map());
  const next = planned.map((each) => ({ id: randomUUID(), ...each }));
  return { ...commit, next };
}

const noCuts: StepCommit["audit"] = {
  modelAlias: "gpt-4o-mini",
  modelContextLimit: 128_000,
  inputBudget: 100_000,
  outputReserve: 2048,
  overheadReserve: 0,
  estimateBefore: 1,
  estimateAfterSummary: 1,
  estimateAfterPrune: 1,
  isSummaryWanted: false,
  isPruned: false,
  isRejected: false,
  summaryId: null,
  includedMessageIds: [],
  cuts: [],
  ranges: [],
  promptHash: null,
  estimatedByClass: null,
};
