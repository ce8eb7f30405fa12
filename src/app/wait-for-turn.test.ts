import { expect, it } from "vitest";
import { TurnId, UserId } from "../contract/ids.ts";
import type { Turn, TurnStatus } from "../contract/turns.ts";
import { waitForTurn } from "./wait-for-turn.ts";

const id = TurnId.parse(crypto.randomUUID());
const caller = { kind: "user", userId: UserId.parse(crypto.randomUUID()), email: null } as const;
// Only the status is looked at here.
const turnThatIs = (status: TurnStatus) => ({ id, status }) as Turn;

function world(statusAt: (ms: number) => TurnStatus | null) {
  let nowMs = 0;
  let reads = 0;
  const pauses: number[] = [];
  const ports = {
    clock: { now: () => new Date(nowMs) },
    pause: async (ms: number) => {
      pauses.push(ms);
      nowMs += ms;
    },
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
  expect(pauses.length).toBeLessThan(35);
});
