import { beginTurn, cancelTurn, endStep, isTurnOver, type TurnState } from "../../src/domain/turn/machine.ts";
import type { PlannedStep } from "../../src/domain/turn/plan.ts";
import type { SaidMessage } from "../../src/domain/turn/window.ts";
import type { Letter, NewTurn } from "../../src/ports/turns.ts";

export interface FakeStep {
  readonly id: string;
  token: number;
  attempts: number;
  waitedSeconds: number;
  /** Seconds of the fake's own clock; nobody may claim before. */
  leaseUntil: number;
  notBefore: number;
  checkpoint: string | null;
}

export interface FakeTurn {
  readonly made: NewTurn;
  readonly steps: readonly FakeStep[];
  readonly said: SaidMessage[];
  state: TurnState;
}

interface FakeLetter {
  readonly turn: string;
  letter: Letter;
  nextAt: number;
}

export interface FakeState {
  readonly turns: Map<string, FakeTurn>;
  readonly outbox: Map<string, FakeLetter>;
  now: number;
}

export const againSeconds = 15;

export function post({ outbox, now }: FakeState, turn: FakeTurn, step: FakeStep, delaySeconds = 0): Letter {
  const letter: Letter = {
    kind: "step",
    target: step.id,
    turn: turn.made.id,
    generation: step.token,
    attempt: (outbox.get(step.id)?.letter.attempt ?? -1) + 1,
    delay_seconds: delaySeconds,
  };
  outbox.set(step.id, { turn: turn.made.id, letter, nextAt: now + delaySeconds + againSeconds });
  return letter;
}

export function stillPosted({ outbox }: FakeState, turn: FakeTurn): readonly Letter[] {
  return [...outbox.values()].filter((kept) => kept.turn === turn.made.id).map(({ letter }) => letter);
}

interface Ended {
  readonly index: number;
  readonly outcome: "done" | "failed";
  readonly message: { readonly id: string; readonly text: string; readonly tokens: number };
}

/** The letters of the steps that may go now. */
export function end(state: FakeState, turn: FakeTurn, ended: Ended): readonly Letter[] {
  const before = turn.state.stepStates;
  turn.said.push(toSaid(turn.made, ended));
  turn.state = endStep(turn.state, ended.index, ended.outcome);
  if (isTurnOver(turn.state)) close(state, turn);
  const freed = turn.steps.filter((_, each) => before[each] === "waiting" && turn.state.stepStates[each] === "ready");
  return freed.map((step) => post(state, turn, step));
}

export function stop(state: FakeState, id: string, status: "cancelled" | "failed"): void {
  const turn = state.turns.get(id);
  if (turn === undefined || isTurnOver(turn.state)) return;
  turn.state = { ...cancelTurn(turn.state), status };
  close(state, turn);
}

function close({ outbox }: FakeState, turn: FakeTurn): void {
  for (const step of turn.steps) outbox.delete(step.id);
}

export function toFakeTurn(made: NewTurn): FakeTurn {
  const fresh = { token: 0, attempts: 0, waitedSeconds: 0, leaseUntil: 0, notBefore: 0, checkpoint: null };
  const own = { turn_index: 1, agent_key: null, agent_name: null, error_type: null, is_pinned: false } as const;
  return {
    made,
    steps: made.steps.map(({ id }) => ({ id, ...fresh })),
    said: [{ ...own, ...made.message, author: "user" }],
    state: beginTurn(made.steps.map((step) => toPlanned(made, step))),
  };
}

function toPlanned({ steps }: NewTurn, step: NewTurn["steps"][number]): PlannedStep {
  const { step_index: index, agent_key: agentKey, purpose, round, sees } = step;
  const after = steps.filter((other) => other.unblocks.includes(index)).map((other) => other.step_index);
  return { index, agentKey, purpose, round, sees, after };
}

function toSaid({ steps, plan }: NewTurn, { index, outcome, message }: Ended): SaidMessage {
  const key = steps[index]?.agent_key ?? "";
  const { id, text, tokens } = message;
  return {
    id,
    text,
    tokens,
    turn_index: 1,
    author: outcome === "done" ? "agent" : "failed_agent",
    agent_key: key,
    agent_name: plan.agents.find((agent) => agent.key === key)?.name ?? "",
    error_type: null,
    is_pinned: false,
  };
}
