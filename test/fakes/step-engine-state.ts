import type { StepResult } from "../../src/contract/step-results.ts";
import type { PlannedStep } from "../../src/domain/plan/plan.ts";
import type { SaidMessage } from "../../src/domain/turn/said.ts";
import type { OutcomeMessage } from "../../src/ports/steps.ts";
import type { NewStep, NewTurn, OutboxMessage } from "../../src/ports/turns.ts";
import { said } from "../support/said.ts";
import { addSteps, beginTurn, cancelTurn, endStep, isTurnOver, type TurnState } from "./turn-state.ts";

export interface FakeStep {
  readonly id: string;
  token: number;
  attempts: number;
  waitedSeconds: number;
  /** Seconds of the fake's own clock; nobody may claim before. */
  leaseUntil: number;
  notBefore: number;
  checkpoint: string | null;
  /** A person is to decide first. */
  isAwaiting: boolean;
  result: StepResult | null;
  flags: readonly string[];
}

export interface FakeTurn {
  readonly made: NewTurn;
  readonly planned: NewStep[];
  readonly steps: FakeStep[];
  readonly said: SaidMessage[];
  state: TurnState;
}

interface FakeOutboxMessage {
  readonly turn: string;
  message: OutboxMessage;
  nextAt: number;
}

export interface FakeState {
  readonly turns: Map<string, FakeTurn>;
  readonly outbox: Map<string, FakeOutboxMessage>;
  now: number;
}

export const againSeconds = 15;

export function post({ outbox, now }: FakeState, turn: FakeTurn, step: FakeStep, delaySeconds = 0): OutboxMessage {
  const message: OutboxMessage = {
    kind: "step",
    target: step.id,
    turn: turn.made.id,
    generation: step.token,
    attempt: (outbox.get(step.id)?.message.attempt ?? -1) + 1,
    delay_seconds: delaySeconds,
  };
  outbox.set(step.id, { turn: turn.made.id, message, nextAt: now + delaySeconds + againSeconds });
  return message;
}

export function stillPosted({ outbox }: FakeState, turn: FakeTurn): readonly OutboxMessage[] {
  return [...outbox.values()].filter((kept) => kept.turn === turn.made.id).map(({ message }) => message);
}

interface Ended {
  readonly index: number;
  readonly outcome: "done" | "failed";
  readonly message: OutcomeMessage | null;
  readonly next: readonly NewStep[];
  readonly needs: readonly number[];
}

/** The outbox messages of the steps that may go now. */
export function end(state: FakeState, turn: FakeTurn, ended: Ended): readonly OutboxMessage[] {
  const before = turn.state.stepStates;
  const { index, message } = ended;
  if (message !== null) turn.said.push(toSaid(turn, ended, message));
  const isLast = before.every(
    (each, other) => other === index || (each !== "waiting" && each !== "ready" && each !== "running"),
  );
  if (isLast && isFollowed(turn, ended)) goOn(turn, ended);
  turn.state = endStep(turn.state, index, ended.outcome);
  if (isTurnOver(turn.state)) close(state, turn);
  const freed = turn.steps.filter((_, each) => before[each] !== "ready" && turn.state.stepStates[each] === "ready");
  return freed.map((step) => post(state, turn, step));
}

function isFollowed({ said: words }: FakeTurn, { needs }: Ended): boolean {
  return needs.length === 0 || words.some(({ author, position }) => author === "agent" && needs.includes(position - 1));
}

/** Steps are added while the last one still runs, so that the turn does not end in between. */
function goOn(turn: FakeTurn, { index, next }: Ended): void {
  const added = next.map((step) => {
    const planned = toPlanned(next, step);
    return planned.after.length === 0 ? { ...planned, after: [index] } : planned;
  });
  turn.state = addSteps(turn.state, added);
  turn.planned.push(...next);
  turn.steps.push(...next.map(({ id }) => ({ id, ...fresh })));
}

const fresh = {
  token: 0,
  attempts: 0,
  waitedSeconds: 0,
  leaseUntil: 0,
  notBefore: 0,
  checkpoint: null,
  isAwaiting: false,
  result: null,
  flags: [],
};

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
  return {
    made,
    planned: [...made.steps],
    steps: made.steps.map(({ id }) => ({ id, ...fresh })),
    said: [said(made.message)],
    state: beginTurn(made.steps.map((step) => toPlanned(made.steps, step))),
  };
}

function toPlanned(steps: readonly NewStep[], step: NewStep): PlannedStep {
  const { step_index: index, agent_key: agentKey, purpose, round, sees, instruction } = step;
  const after = steps.filter((other) => other.unblocks.includes(index)).map((other) => other.step_index);
  return { index, agentKey, purpose, round, sees, after, instruction };
}

function toSaid({ planned, made: { plan } }: FakeTurn, { index, outcome }: Ended, message: OutcomeMessage) {
  const key = planned[index]?.agent_key ?? "";
  return said({
    ...message,
    position: index + 1,
    author: outcome === "done" ? "agent" : "failed_agent",
    agent_key: key,
    agent_name: plan.agents.find((agent) => agent.key === key)?.name ?? "",
  });
}
