import type { StoredTrace } from "../../src/domain/plan/traces.ts";
import type { Claim, ClaimedCall, ClaimRequest, Committed, StepCommit, StepEngine } from "../../src/ports/steps.ts";
import type { NewTurn, OutboxMessage } from "../../src/ports/turns.ts";
import { windowOf } from "../support/said.ts";
import {
  againSeconds,
  end,
  type FakeState,
  type FakeStep,
  type FakeTurn,
  post,
  stillPosted,
  stop,
  toFakeTurn,
} from "./step-engine-state.ts";
import { isTurnOver, returnStep, startStep } from "./turn-state.ts";

export interface FakeStepEngine extends StepEngine {
  begin(turn: NewTurn): readonly OutboxMessage[];
  cancel(turn: string): void;
  stepIdsOf(turn: string): readonly string[];
  flagsOf(turn: string): readonly (readonly string[])[];
  statusesOf(turn: string): { readonly status: string; readonly steps: readonly string[] };
  advance(seconds: number): void;
}

/** Made of the pure machine: what the database's functions must do, for turns that have their session to themselves. */
export function createFakeStepEngine(): FakeStepEngine {
  const state: FakeState = { turns: new Map(), outbox: new Map(), now: 0 };
  return {
    claim: async (request) => claim(state, request),
    commit: async (committed) => commit(state, committed),
    sweep: async (limit) => sweep(state, limit),
    async failTurn(id) {
      stop(state, id, "failed");
      return [];
    },
    begin(made) {
      const turn = toFakeTurn(made);
      state.turns.set(made.id, turn);
      const ready = turn.steps.filter((_, index) => turn.state.stepStates[index] === "ready");
      return ready.map((step) => post(state, turn, step));
    },
    stepIdsOf: (id) => state.turns.get(id)?.steps.map((step) => step.id) ?? [],
    flagsOf: (id) => state.turns.get(id)?.steps.map((step) => step.flags) ?? [],
    cancel: (id) => stop(state, id, "cancelled"),
    statusesOf(id) {
      const found = state.turns.get(id)?.state;
      return { status: found?.status ?? "missing", steps: found?.stepStates ?? [] };
    },
    advance(seconds) {
      state.now += seconds;
    },
  };
}

function claim(state: FakeState, request: ClaimRequest): Claim {
  const { turn, step, index } = find(state, request);
  if (turn === undefined || step === undefined) return { kind: "unknown" };
  const status = turn.state.stepStates[index];
  if (isTurnOver(turn.state)) return { kind: "over", outbox: stillPosted(state, turn) };
  if (status === "done" || status === "failed") return { kind: "finished", outbox: stillPosted(state, turn) };
  if (status === "waiting" || step.isAwaiting) return { kind: "not_ready" };
  const busyUntil = Math.max(step.leaseUntil, step.notBefore);
  if (busyUntil > state.now) return { kind: "leased", retry_after_seconds: Math.ceil(busyUntil - state.now) };
  state.outbox.delete(step.id);
  turn.state = startStep(returnStep(turn.state, index), index);
  const is_exhausted = step.attempts >= request.max_attempts;
  step.token += 1;
  step.attempts += 1;
  step.leaseUntil = state.now + request.lease_seconds;
  return { kind: "won", is_exhausted, outbox: [], ...toClaimed(turn, step, index) };
}

function commit(state: FakeState, committed: StepCommit): Committed {
  const { turn, step, index } = find(state, committed);
  if (turn === undefined || step === undefined || step.token !== committed.token) return { kind: "fenced" };
  const status = turn.state.stepStates[index];
  if (status === "cancelled") return { kind: "cancelled", outbox: [] };
  if (status !== "running") return { kind: "already", outbox: stillPosted(state, turn) };
  step.leaseUntil = 0;
  if (committed.outcome === "done" || committed.outcome === "failed") {
    const { outcome, message, result, flags, next, next_needs: needs } = committed;
    Object.assign(step, { result, flags });
    return { kind: "committed", outbox: end(state, turn, { index, outcome, message, next, needs }) };
  }
  turn.state = returnStep(turn.state, index);
  if (committed.outcome === "continue") {
    step.checkpoint = committed.checkpoint;
    step.attempts = 0;
    return { kind: "committed", outbox: [post(state, turn, step)] };
  }
  if (committed.outcome === "await") {
    Object.assign(step, { isAwaiting: true, checkpoint: committed.checkpoint });
    return { kind: "committed", outbox: [] };
  }
  step.checkpoint = committed.checkpoint ?? step.checkpoint;
  step.notBefore = state.now + committed.retry_after_seconds;
  step.waitedSeconds += committed.retry_after_seconds;
  if (!committed.is_fault) step.attempts -= 1;
  post(state, turn, step, committed.retry_after_seconds + 30);
  return { kind: "committed", outbox: [] };
}

function sweep(state: FakeState, limit: number): readonly OutboxMessage[] {
  for (const turn of state.turns.values()) postForLostHolders(state, turn);
  const due = [...state.outbox.values()].filter(({ nextAt }) => nextAt <= state.now).slice(0, limit);
  for (const kept of due) {
    const { attempt } = kept.message;
    kept.message = { ...kept.message, attempt: attempt + 1, delay_seconds: 0 };
    kept.nextAt = state.now + Math.min(600, againSeconds * 2 ** Math.min(attempt, 6));
  }
  return due.map(({ message }) => message);
}

function postForLostHolders(state: FakeState, turn: FakeTurn): void {
  for (const [index, step] of turn.steps.entries()) {
    const isLost = turn.state.stepStates[index] === "running" && step.leaseUntil < state.now;
    if (isLost && !state.outbox.has(step.id)) post(state, turn, step, -againSeconds);
  }
}

function find({ turns }: FakeState, { turn: id, step: stepId }: { readonly turn: string; readonly step: string }) {
  const turn = turns.get(id);
  const index = turn?.steps.findIndex((step) => step.id === stepId) ?? -1;
  return { turn, index, step: turn?.steps[index] };
}

function toClaimed(turn: FakeTurn, step: FakeStep, index: number): Omit<ClaimedCall, "is_exhausted"> {
  const planned = turn.planned[index];
  const sees = planned?.sees ?? [];
  return {
    token: step.token,
    owner_id: "",
    session_id: turn.made.session_id,
    turn_index: 1,
    plan: turn.made.plan,
    step: {
      id: step.id,
      index,
      agent_key: planned?.agent_key ?? "",
      purpose: planned?.purpose ?? "agent",
      round: planned?.round ?? 1,
      sees,
      instruction: planned?.instruction ?? null,
      waited_seconds: step.waitedSeconds,
      attempts: step.attempts,
      prompt_bound: planned?.prompt_bound ?? null,
    },
    checkpoint: step.checkpoint,
    messages: turn.said.filter(({ position }) => position === 0 || sees.includes(position - 1)),
    window: windowOf([]),
    toolbox: null,
    steps: tracesOf(turn),
  };
}

function tracesOf({ planned, steps, state }: FakeTurn): readonly StoredTrace[] {
  return planned.map(({ step_index: index, purpose, agent_key, round }) => {
    const [status, result] = [state.stepStates[index] ?? "waiting", steps[index]?.result ?? null];
    return { index, purpose, agent_key, round, status, result };
  });
}
