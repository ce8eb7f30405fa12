import { expect } from "vitest";
import type { Turn } from "../../src/contract/turns.ts";
import type { FaultSwitchesInput } from "../../src/local/openrouter/fault-switches.ts";
import type { Furnished } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { holdDeadlines, untilCallHangs } from "../support/held-deadlines.ts";
import { driveToEnd } from "./booked-calls.ts";
import type { Bench } from "./engine-bench.ts";
import { chatRequests } from "./engine-kit.ts";

/** What befalls a turn. */
export interface FaultPlay {
  readonly name: string;
  /** The stand-in's switches that must have met some call. */
  readonly faults: readonly string[];
  /** Nobody hears the end of the turn's first call. */
  readonly isFirstCallLost: boolean;
  act(bench: Bench, room: Furnished, turn: Turn): Promise<unknown>;
}

const leaseSeconds = 150;
/** What a call may take where nothing else is set. */
export const modelTimeoutMs = 60_000;
const once = { fail_next: 1 };

const faultsByName: Readonly<Record<string, FaultSwitchesInput>> = {
  "no fault": {},
  "a rate limit": { rate_limited: once },
  "rate limits in a row": { rate_limited: { fail_next: 3 } },
  "status 500": { server_error: { ...once, status: 500 } },
  "status 503 until the attempts are used up": { server_error: { fail_next: 5, status: 503 } },
  "a refusal": { bad_request: once },
  "a reset before the answer": { reset_before_headers: once },
  "a stream that is reset": { cut_stream: { ...once, after_chunks: 2, by: "reset" } },
  "a stream that ends early": { cut_stream: { ...once, after_chunks: 2, by: "end" } },
  "half an event": { truncated_json: { ...once, after_chunks: 1 } },
  "an error amid the stream": { error_mid_stream: { ...once, after_chunks: 2 } },
  "an empty reply that is repaired": { empty_reply: once },
  "an empty reply that is not repaired": { empty_reply: { fail_next: 2 } },
  "garbage that is repaired": { not_json: once },
  "a repair that meets a rate limit": { empty_reply: once, rate_limited: { ...once, skip: 1 } },
  "a filtered reply": { content_filter: once },
  "a reply that is cut at the limit": { long_reply: { ...once, words: 3000 } },
  "no usage": { usage_missing: {} },
  "usage beside the words, and repeated": { usage_with_choices: {}, usage_repeated: {} },
};

const byChance: FaultSwitchesInput = {
  server_error: { rate: 0.2, seed: 7 },
  empty_reply: { rate: 0.3, seed: 8 },
  cut_stream: { rate: 0.2, seed: 9 },
};
const hangs: FaultSwitchesInput = { hang_before_headers: once };
const stalls: FaultSwitchesInput = { hang_mid_stream: { ...once, after_chunks: 2 } };

const timeoutsByName: Readonly<Record<string, FaultSwitchesInput>> = {
  "no answer in time": hangs,
  "no end in time": stalls,
  "an empty reply whose repair has no answer in time": {
    empty_reply: once,
    hang_before_headers: { ...once, skip: 1 },
  },
};

export const faultPlays: readonly FaultPlay[] = [
  ...Object.entries(faultsByName).map(([name, faults]) => heard(name, faults, driveUnder(faults))),
  ...Object.entries(timeoutsByName).map(([name, faults]) => heard(name, faults, driveUntilTimeIsUp(faults))),
  heard("faults by chance", {}, driveUnder(byChance)),
  heard("cancelled before its first call", {}, cancel),
  heard("cancelled before the answer", hangs, cancelInCall(hangs)),
  heard("cancelled amid the stream", stalls, cancelInCall(stalls)),
  heard("delivered twice at once", {}, deliverTwice),
  unheard("cancelled, and the holder never comes back", cancelAndNeverReturn),
  unheard("the holder is lost, and another takes over", loseTheHolder),
];

function driveUnder(faults: FaultSwitchesInput): FaultPlay["act"] {
  return (bench, room, turn) => {
    bench.cloud.standIns.openRouter.setFaults(faults);
    return driveToEnd(bench, room, turn);
  };
}

function driveUntilTimeIsUp(faults: FaultSwitchesInput): FaultPlay["act"] {
  return async (bench, room, turn) => {
    const deadlines = holdDeadlines(modelTimeoutMs);
    const { openRouter } = bench.cloud.standIns;
    openRouter.setFaults(faults);
    const ended = driveToEnd(bench, room, turn);
    await untilCallHangs(openRouter);
    deadlines.expire();
    await ended.finally(deadlines.restore);
  };
}

function heard(name: string, faults: FaultSwitchesInput, act: FaultPlay["act"]): FaultPlay {
  return { name, faults: Object.keys(faults), isFirstCallLost: false, act };
}

function unheard(name: string, act: FaultPlay["act"]): FaultPlay {
  return { name, faults: Object.keys(hangs), isFirstCallLost: true, act };
}

function cancel(bench: Bench, { user }: Furnished, { id }: Turn) {
  return bench.request("post", `/turns/${id}/cancel`, { token: user.token });
}

function cancelInCall(faults: FaultSwitchesInput): FaultPlay["act"] {
  return async (bench, room, turn) => {
    const letGo = await hangingCall(bench, turn, faults);
    await cancel(bench, room, turn);
    await letGo();
  };
}

async function deliverTwice(bench: Bench, room: Furnished, turn: Turn) {
  await Promise.all([bench.deliver(turn, 0), bench.deliver(turn, 0)]);
  await driveToEnd(bench, room, turn);
}

async function cancelAndNeverReturn(bench: Bench, room: Furnished, turn: Turn) {
  const letGo = await hangingCall(bench, turn, hangs);
  await cancel(bench, room, turn);
  await bench.pass(leaseSeconds + 1);
  await bench.sweep();
  await letGo();
}

async function loseTheHolder(bench: Bench, room: Furnished, turn: Turn) {
  const letGo = await hangingCall(bench, turn, hangs);
  await bench.pass(leaseSeconds + 1);
  await driveToEnd(bench, room, turn);
  await letGo();
}

/** Starts a call that hangs; answers what lets it go on and waits for its end. */
async function hangingCall(bench: Bench, turn: Turn, faults: FaultSwitchesInput) {
  const { openRouter } = bench.cloud.standIns;
  const before = chatRequests(bench).length;
  openRouter.setFaults(faults);
  const delivered = bench.deliver(turn, 0);
  await eventually(() => expect(chatRequests(bench)).toHaveLength(before + 1));
  return async () => {
    openRouter.release();
    await delivered;
  };
}
