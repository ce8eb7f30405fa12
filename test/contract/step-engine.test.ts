import { createDatabase } from "../../src/adapters/neon/database.ts";
import { createStepEngine } from "../../src/adapters/neon/step-engine.ts";
import { createTurnStore } from "../../src/adapters/neon/turn-store.ts";
import { SessionId, TurnId, UserId } from "../../src/contract/ids.ts";
import type { Caller } from "../../src/ports/caller.ts";
import { createFakeStepEngine } from "../fakes/step-engine.ts";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { type StepWorld, stepStoreContract } from "./step-engine-contract.ts";
import { newTurn } from "./step-engine-kit.ts";

stepStoreContract("fake", async () => {
  const steps = createFakeStepEngine();
  return {
    steps,
    begin: async (wanted) => {
      const turn = newTurn(crypto.randomUUID(), wanted);
      return { id: turn.id, stepIds: turn.steps.map(({ id }) => id), outbox: steps.begin(turn) };
    },
    cancel: async (turn) => steps.cancel(turn),
    statusesOf: async (turn) => steps.statusesOf(turn),
    stepIdsOf: async (turn) => steps.stepIdsOf(turn),
    flagsOf: async (turn) => steps.flagsOf(turn),
    pass: async (seconds) => steps.advance(seconds),
    stop: async () => undefined,
  };
});

for (const { title, isMissing, open } of databaseKinds)
  if (!isMissing) stepStoreContract(title, async () => openStepWorld(await open()));

async function openStepWorld(database: TestDatabase): Promise<StepWorld> {
  const { connectionString, fetchEndpoint, backend } = database;
  const neon = createDatabase({
    connectionString,
    fetchEndpoint,
    signupGrantUnits: 1_000_000_000_000_000n,
    timeoutMs: 10_000,
  });
  const turns = createTurnStore(neon);
  const caller: Caller = {
    kind: "user",
    userId: UserId.parse(crypto.randomUUID()),
    email: null,
    isEmailConfirmed: true,
  };
  let shiftSeconds = 0;
  const write = (sql: string, params: readonly string[]) =>
    backend.runBatch([{ sql: "set local role pantheon_system" }, { sql, params }]);
  const newSession = async () => {
    const [room, session] = [crypto.randomUUID(), crypto.randomUUID()];
    await turns.list(caller, SessionId.parse(session), { limit: 1 });
    await write("insert into rooms (id, owner_id, name, goal, mode) values ($1, $2, 'Room', '', 'manual')", [
      room,
      caller.userId,
    ]);
    await write("insert into sessions (id, owner_id, room_id, title) values ($1, $2, $3, '')", [
      session,
      caller.userId,
      room,
    ]);
    return session;
  };
  return {
    steps: createStepEngine(neon),
    async begin(wanted) {
      const turn = newTurn(await newSession(), wanted);
      const created = await turns.create(caller, turn, null);
      if (created.kind !== "created") throw new Error(`the turn was ${created.kind}`);
      return { id: turn.id, stepIds: turn.steps.map(({ id }) => id), outbox: created.outbox };
    },
    cancel: async (turn) => void (await turns.cancel(caller, TurnId.parse(turn))),
    stepIdsOf: async (turn) => (await turns.find(caller, TurnId.parse(turn)))?.steps.map(({ id }) => id) ?? [],
    flagsOf: async (turn) => (await turns.find(caller, TurnId.parse(turn)))?.steps.map(({ flags }) => flags) ?? [],
    async statusesOf(id) {
      const turn = await turns.find(caller, TurnId.parse(id));
      return { status: turn?.status ?? "missing", steps: turn?.steps.map(({ status }) => status) ?? [] };
    },
    async pass(seconds) {
      shiftSeconds += seconds;
      const body = `select now() + interval '${shiftSeconds} seconds'`;
      await backend.run({
        sql: `create or replace function pantheon_now() returns timestamptz language sql stable as $$ ${body} $$`,
      });
    },
    stop: () => database.stop(),
  };
}
