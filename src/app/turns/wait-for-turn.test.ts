import { expect, it } from "vitest";
import { TurnId, UserId } from "../../contract/ids.ts";
import type { Turn, TurnStatus } from "../../contract/turns.ts";
import type { Listener } from "../../ports/live.ts";
import { waitForTurn } from "./wait-for-turn.ts";

const id = TurnId.parse(crypto.randomUUID());
const caller = {
  kind: "user",
  userId: UserId.parse(crypto.randomUUID()),
  email: null,
  isEmailConfirmed: true,
} as const;
// Only the status is looked at here.
const turnThatIs = (status: TurnStatus) => ({ id, status }) as Turn;

/** Signals arrive at these moments; none where nobody hears any. */
function world(statusAt: (ms: number) => TurnStatus | null, wakesAt: readonly number[] | null = null) {
  let nowMs = 0;
  let reads = 0;
  const pauses: number[] = [];
  const listener: Listener = {
    isOpen: () => wakesAt !== null,
    async next(timeoutMs) {
      const wake = wakesAt?.find((at) => at > nowMs && at <= nowMs + timeoutMs);
      pauses.push(timeoutMs);
      nowMs = wake ?? nowMs + timeoutMs;
      return wake === undefined ? null : { kind: "wake" };
    },
    close: () => undefined,
  };
  const ports = {
    clock: { now: () => new Date(nowMs) },
    live: { tell: async () => 0, listen: () => listener },
    turns: {
      find: async () => {
        reads += 1;
        const status = statusAt(nowMs);
        return status === null ? null : turnThatIs(status);
      },
    },
  };
  return { ports, pauses, reads: () => reads, nowMs: () => nowMs };
}

it.each(["completed", "partial", "failed", "cancelled"] as const)(
  "answers at once for a turn that is %s",
  async (status) => {
    const { ports, reads } = world(() => status);
    expect(await waitForTurn(ports, caller, id, 25)).toMatchObject({ status });
    expect(reads()).toBe(1);
  },
);

it("does not wait for a turn that is not there, nor when no time is given", async () => {
  const missing = world(() => null);
  expect(await waitForTurn(missing.ports, caller, id, 25)).toBeNull();
  const open = world(() => "running");
  expect(await waitForTurn(open.ports, caller, id, 0)).toMatchObject({ status: "running" });
  expect([missing.pauses, open.pauses]).toEqual([[], []]);
});

it("answers with the end soon after it came", async () => {
  const { ports, nowMs } = world((ms) => (ms < 3000 ? "running" : "completed"));
  expect(await waitForTurn(ports, caller, id, 25)).toMatchObject({ status: "completed" });
  expect(nowMs()).toBeLessThan(4001);
});

it("waits longer each time up to a second, and ends when the time is up", async () => {
  const { ports, pauses, nowMs } = world(() => "running");
  expect(await waitForTurn(ports, caller, id, 25)).toMatchObject({ status: "running" });
  expect(Math.floor(nowMs())).toBe(25_000);
  expect(pauses.slice(0, 3)).toEqual([100, 150, 225]);
  expect(Math.max(...pauses)).toBe(1000);
  expect(pauses.length).toBeLessThan(40);
});

it("looks when it is told to, and hardly ever by itself while it can be told", async () => {
  const { ports, nowMs, reads } = world((ms) => (ms < 7000 ? "running" : "completed"), [2000, 7000]);
  expect(await waitForTurn(ports, caller, id, 25)).toMatchObject({ status: "completed" });
  expect([nowMs(), reads()]).toEqual([7000, 3]);
});

it("finds the end also when its signal was lost", async () => {
  const { ports, nowMs, reads } = world((ms) => (ms < 7000 ? "running" : "completed"), []);
  expect(await waitForTurn(ports, caller, id, 25)).toMatchObject({ status: "completed" });
  expect([nowMs(), reads()]).toEqual([10_000, 3]);
});
