import { afterAll, beforeAll, expect, it } from "vitest";
import { createApiKey } from "../../src/app/keys/create-api-key.ts";
import { summarizeSession } from "../../src/app/memory/summarize-session.ts";
import { createRoom } from "../../src/app/rooms/create-room.ts";
import { createTurn } from "../../src/app/turns/create-turn.ts";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { SessionId, UserId } from "../../src/contract/ids.ts";
import { CreateRoom, Room } from "../../src/contract/rooms.ts";
import { CreateTurn, Turn } from "../../src/contract/turns.ts";
import type { Caller } from "../../src/ports/caller.ts";
import type { StoredResult } from "../../src/ports/idempotency.ts";
import { type EngineWorld, type Furnished, openEngineWorld } from "../support/engine.ts";

let world: EngineWorld;
let room: Furnished;
let caller: Caller;

beforeAll(async () => {
  world = await openEngineWorld();
  room = await world.furnish(["ada"]);
  caller = { kind: "user", userId: UserId.parse(room.user.id), email: null, isEmailConfirmed: true };
});
afterAll(() => world.stop());

const named = (key: string) => ({ key, fingerprint: key });
const wanted = (body: object) => ({
  sessionId: SessionId.parse(room.session.id),
  input: CreateTurn.parse({ message: "Go", on_busy: "enqueue", ...body }),
});

it("a verb hands out a room, and the same one again", async () => {
  const { ports } = world.composed;
  const make = () => createRoom(ports, caller, CreateRoom.parse({ name: "In process" }), named("room"));
  const first = await make();
  expect(first).toEqual({ value: Room.parse(first.value), isReplayed: false });
  expect(await make()).toEqual({ value: first.value, isReplayed: true });
});

it("a verb hands out the secret of an API key once", async () => {
  const { ports } = world.composed;
  const input = { name: "once", scopes: ["rooms:read" as const], expires_at: null };
  const make = () => createApiKey(ports, caller, input, named("api key"));
  const { value } = await make();
  expect(CreatedApiKey.parse(value).secret).toMatch(/^pan_live_/);
  expect(await make()).toEqual({ value: { ...value, secret: null }, isReplayed: true });
});

it("a verb hands out a turn with the limits that it counts against", async () => {
  const { value, isReplayed, limits } = await createTurn(world.composed.ports, caller, wanted({}), null);
  expect([Turn.parse(value), isReplayed]).toEqual([value, false]);
  expect(limits?.map(({ name }) => name)).toEqual(["turns", "turns-hour"]);
});

it("a replayed turn has its index and every key in its place, in whatever order it was stored", async () => {
  const { ports } = world.composed;
  const { turns } = ports;
  const reversed = (result: StoredResult | null) => result && { ...result, value: backwards(result.value) };
  const create: typeof turns.create = (by, turn, result) => turns.create(by, turn, reversed(result));
  const send = () =>
    createTurn(
      { ...ports, turns: { ...turns, create } },
      caller,
      wanted({ metadata: { turn_index: 7, zebra: 1, a: 2 } }),
      named("turn"),
    );
  const first = await send();
  const again = await send();
  expect(first.value.turn_index).toBeGreaterThan(0);
  expect(again.isReplayed).toBe(true);
  expect(JSON.stringify(again.value)).toBe(JSON.stringify(backwards(first.value)));
});

it("a verb hands out the turn that sums a session up, and the same one again", async () => {
  const spoken = await world.furnish(["ada"]);
  await spoken.finish(await spoken.send("Hello"));
  const by: Caller = { kind: "user", userId: UserId.parse(spoken.user.id), email: null, isEmailConfirmed: true };
  const sumUp = () => summarizeSession(world.composed.ports, by, SessionId.parse(spoken.session.id), named("sum"));
  const first = await sumUp();
  if ("inForce" in first) throw new Error("nothing was begun");
  expect(first).toMatchObject({ value: { mode: "summary", status: "queued" }, isReplayed: false });
  expect(first.value.turn_index).toBeLessThan(0);
  const again = await sumUp();
  expect(again).toMatchObject({ isReplayed: true });
  expect(JSON.stringify("inForce" in again ? null : again.value)).toBe(JSON.stringify(first.value));
});

function backwards(value: unknown): object {
  return Object.fromEntries(Object.entries(value ?? {}).reverse());
}
