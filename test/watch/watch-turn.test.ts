import { expect, it } from "vitest";
import { watchTurn } from "../../src/app/watch-turn.ts";
import { TurnId, UserId } from "../../src/contract/ids.ts";
import { isTerminalEvent, TurnEvent } from "../../src/contract/turn-events.ts";
import type { TurnStore } from "../../src/ports/turns.ts";
import { createFakeLive } from "../fakes/live.ts";

const id = TurnId.parse(crypto.randomUUID());
const caller = { kind: "user", userId: UserId.parse(crypto.randomUUID()), email: null } as const;

const line = (seq: number, type: "turn.started" | "turn.completed") =>
  TurnEvent.parse({
    turn_id: id,
    seq,
    type,
    data: type === "turn.started" ? {} : { status: "completed" },
    created_at: "2026-11-21T00:00:00.000Z",
  });

/** A log that somebody else writes, and how often it was looked at. */
function world({ after = 0, log = [line(1, "turn.started")] } = {}) {
  const live = createFakeLive();
  let reads = 0;
  const events: TurnStore["events"] = async (_caller, _id, { after }) => {
    reads += 1;
    return { events: log.filter(({ seq }) => seq > after), isOver: log.some(isTerminalEvent) };
  };
  const ports = { clock: { now: () => new Date() }, live, turns: { events } };
  const leaving = new AbortController();
  const first = { events: log.filter(({ seq }) => seq > after), isOver: log.some(isTerminalEvent) };
  const watch = watchTurn(ports, { caller, id, after, first, left: leaving.signal });
  return { log, live, watch, leaving, reads: () => reads };
}

it("looks no more than once a second, however often it is told to", async () => {
  const { log, live, watch, reads } = world();
  expect((await watch.next()).value).toMatchObject({ kind: "event", event: { seq: 1 } });
  const beganMs = Date.now();
  const nagging = setInterval(() => void live.tell(id, { kind: "wake" }), 10);
  setTimeout(() => log.push(line(2, "turn.completed")), 1_500);
  const next = await watch.next();
  clearInterval(nagging);
  expect(next.value).toMatchObject({ kind: "event", event: { type: "turn.completed" } });
  expect(reads()).toBeLessThanOrEqual((Date.now() - beganMs) / 1000 + 1);
  expect((await watch.next()).done).toBe(true);
  expect(live.listeners()).toBe(0);
});

it("finds what is new without any signal", async () => {
  const { log, live, watch } = world();
  live.setUp(false);
  await watch.next();
  log.push(line(2, "turn.completed"));
  expect((await watch.next()).value).toMatchObject({ kind: "event", event: { seq: 2 } });
});

it("hands pieces of a reply on at once, and stops at once when nobody reads", async () => {
  const { live, watch, leaving, reads } = world();
  await watch.next();
  const delta = {
    turn_id: id,
    type: "message.delta",
    data: { step_id: crypto.randomUUID(), agent_key: "ada", attempt: "1.0", offset: 0, text: "Hel" },
  };
  const next = watch.next();
  await live.tell(id, { kind: "delta", delta: delta as never });
  expect((await next).value).toMatchObject({ kind: "delta", delta });
  const waiting = watch.next();
  leaving.abort();
  expect((await waiting).done).toBe(true);
  expect([reads(), live.listeners()]).toEqual([0, 0]);
});

it.each([2, 99])("waits for nothing where the log is over and the reader was at %i", async (after) => {
  const over = [line(1, "turn.started"), line(2, "turn.completed")];
  const { watch, live, reads } = world({ after, log: over });
  expect(await watch.next()).toEqual({ done: true, value: undefined });
  expect([reads(), live.listeners()]).toEqual([0, 0]);
});
