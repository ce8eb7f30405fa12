import { expect, it } from "vitest";
import { type Seen, watchTurn } from "../../src/app/turns/watch-turn.ts";
import { TurnId, UserId } from "../../src/contract/ids.ts";
import { isTerminalEvent, type LiveSignal, MessageDelta, TurnEvent } from "../../src/contract/turn-events.ts";
import { streamTurn } from "../../src/http/event-stream.ts";
import type { Listener } from "../../src/ports/live.ts";
import type { TurnStore } from "../../src/ports/turns.ts";

const id = TurnId.parse(crypto.randomUUID());
const caller = {
  kind: "user",
  userId: UserId.parse(crypto.randomUUID()),
  email: null,
  isEmailConfirmed: true,
} as const;
const minuteMs = 60_000;

const line = (seq: number, type: "turn.started" | "turn.completed" = "turn.started") =>
  TurnEvent.parse({
    turn_id: id,
    seq,
    type,
    data: type === "turn.started" ? {} : { status: "completed" },
    created_at: "2026-11-21T00:00:00.000Z",
  });

const delta = MessageDelta.parse({
  turn_id: id,
  type: "message.delta",
  data: { step_id: crypto.randomUUID(), agent_key: "ada", attempt: "1.0", offset: 0, text: "Hel" },
});

interface World {
  readonly after?: number;
  /** The log by then. */
  readonly logAt?: (ms: number) => readonly TurnEvent[];
  /** What is heard then, and how long it took; by default there is no Redis. */
  readonly hear?: (ms: number) => { readonly ms: number; readonly signal: LiveSignal };
  /** From when on Redis is gone. */
  readonly goneAtMs?: number;
}

/** A log that somebody else writes, in a time that passes only while something is waited for. */
function world({ after = 0, logAt = () => [line(1)], hear, goneAtMs = Number.POSITIVE_INFINITY }: World = {}) {
  let nowMs = 0;
  const readsAtMs: number[] = [];
  const listeners = new Set<object>();
  const isOpen = () => hear !== undefined && nowMs < goneAtMs;
  const next: Listener["next"] = async (timeoutMs) => {
    const heard = isOpen() ? hear?.(nowMs) : undefined;
    const endsAtMs = nowMs + Math.min(timeoutMs, heard?.ms ?? timeoutMs);
    const breaks = isOpen() && endsAtMs >= goneAtMs;
    nowMs = breaks ? goneAtMs : endsAtMs;
    return heard !== undefined && heard.ms < timeoutMs && !breaks ? heard.signal : null;
  };
  const listen = () => {
    const listener = { isOpen, next, close: () => void listeners.delete(listener) };
    listeners.add(listener);
    return listener;
  };
  const read = () => ({
    events: logAt(nowMs).filter(({ seq }) => seq > after),
    isOver: logAt(nowMs).some(isTerminalEvent),
  });
  const events: TurnStore["events"] = async (_caller, _id, query) => {
    readsAtMs.push(nowMs);
    return { ...read(), events: logAt(nowMs).filter(({ seq }) => seq > query.after) };
  };
  const live = { tell: async () => 0, listen };
  const ports = { clock: { now: () => new Date(nowMs) }, live, turns: { events } };
  const leaving = new AbortController();
  const watch = watchTurn(ports, { caller, id, after, first: read(), left: leaving.signal });
  return { ports, watch, leaving, readsAtMs, now: () => nowMs, listeners: () => listeners.size };
}

async function all(watch: AsyncGenerator<Seen>): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for await (const one of watch) seen.push(one);
  return seen;
}

const gapsOf = (timesMs: readonly number[]) => timesMs.slice(1).map((ms, place) => ms - (timesMs[place] ?? 0));
const until = (endMs: number) => (ms: number) => (ms < endMs ? [line(1)] : [line(1), line(2, "turn.completed")]);

it("looks no more than once a second, however often it is told to", async () => {
  const { watch, readsAtMs, now, listeners } = world({
    logAt: until(5_500),
    hear: () => ({ ms: 10, signal: { kind: "wake" } }),
  });
  expect((await all(watch)).map((seen) => seen.kind)).toEqual(["event", "event"]);
  expect(Math.min(...gapsOf([0, ...readsAtMs]))).toBeGreaterThanOrEqual(1000);
  expect([now() < 7_000, listeners()]).toEqual([true, 0]);
});

it("without any signal looks by itself, ever more rarely, says that it is there, and leaves after ten minutes", async () => {
  const { watch, readsAtMs, now, listeners } = world();
  const seen = await all(watch);
  expect(readsAtMs.slice(0, 3)).toEqual([1000, 2500, 4750]);
  expect(Math.max(...gapsOf(readsAtMs))).toBe(5000);
  expect(seen.filter(({ kind }) => kind === "event")).toHaveLength(1);
  expect(seen.filter(({ kind }) => kind === "still_here")).toHaveLength(40);
  expect([Math.round(now() / minuteMs), listeners()]).toEqual([10, 0]);
});

it("looks at once when Redis goes while it listens", async () => {
  const { watch, readsAtMs } = world({
    logAt: until(60_000),
    hear: () => ({ ms: Number.POSITIVE_INFINITY, signal: { kind: "wake" } }),
    goneAtMs: 21_200,
  });
  await all(watch);
  expect(readsAtMs.slice(0, 5)).toEqual([5000, 10_000, 15_000, 20_000, 21_200]);
});

it("hands pieces of a reply on at once, and stops at once when nobody reads", async () => {
  const { watch, leaving, readsAtMs, listeners } = world({ hear: () => ({ ms: 1, signal: { kind: "delta", delta } }) });
  await watch.next();
  expect((await watch.next()).value).toMatchObject({ kind: "delta", delta });
  leaving.abort();
  expect((await watch.next()).done).toBe(true);
  expect([readsAtMs, listeners()]).toEqual([[], 0]);
});

it.each([2, 99])("waits for nothing where the log is over and the reader was at %i", async (after) => {
  const { watch, listeners, readsAtMs } = world({ after, logAt: until(0) });
  expect(await all(watch)).toEqual([]);
  expect([readsAtMs, listeners()]).toEqual([[], 0]);
});

it("as a stream ends without a word when the log cannot be read any more", async () => {
  const { ports, listeners } = world();
  const logged: unknown[] = [];
  const say = (...said: readonly unknown[]) => void logged.push(said);
  const log = { info: say, warn: say, error: say };
  let reads = 0;
  const events: TurnStore["events"] = async (...query) => {
    if (reads++ > 0) throw new Error("password=hunter2");
    return ports.turns.events(...query);
  };
  const stream = await streamTurn({ ...ports, log, turns: { events } }, caller, id, 0);
  const said = await new Response(stream).text();
  expect(said).toBe(`retry: 1000\n\nid: 1\nevent: turn.started\ndata: ${JSON.stringify(line(1))}\n\n`);
  expect(logged).toEqual([["event_stream_broke", { turn_id: id }]]);
  expect(listeners()).toBe(0);
});
