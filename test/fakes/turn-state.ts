import type { TurnStatus } from "../../src/contract/turns.ts";
import type { PlannedStep } from "../../src/domain/plan/plan.ts";

/** A turn's states as the fake step store keeps them; the contract suite holds the database to the same. */
export type StepState = "waiting" | "ready" | "running" | "done" | "failed" | "cancelled";

export interface TurnState {
  readonly status: Exclude<TurnStatus, "paused">;
  readonly steps: readonly PlannedStep[];
  readonly stepStates: readonly StepState[];
}

export function beginTurn(steps: readonly PlannedStep[]): TurnState {
  return { status: "queued", steps, stepStates: steps.map((step) => (step.after.length === 0 ? "ready" : "waiting")) };
}

export function startStep(turn: TurnState, index: number): TurnState {
  if (isTurnOver(turn) || turn.stepStates[index] !== "ready") return turn;
  return { ...turn, status: "running", stepStates: replace(turn.stepStates, index, "running") };
}

/** A holder that was lost, or one that gave its step back. */
export function returnStep(turn: TurnState, index: number): TurnState {
  if (isTurnOver(turn) || turn.stepStates[index] !== "running") return turn;
  return { ...turn, stepStates: replace(turn.stepStates, index, "ready") };
}

/** A failed step lets the next ones go as a done one does: the others go on. */
export function endStep(turn: TurnState, index: number, outcome: "done" | "failed"): TurnState {
  if (isTurnOver(turn) || turn.stepStates[index] !== "running") return turn;
  const ended = replace(turn.stepStates, index, outcome);
  const stepStates = ended.map((state, each) =>
    state === "waiting" && isFree(turn.steps[each], ended) ? "ready" : state,
  );
  return {
    ...turn,
    stepStates,
    status: stepStates.every(hasEnded) ? finalStatus(turn.steps, stepStates) : turn.status,
  };
}

/** What the manager of a turn adds on the way; only a step that runs may add, so a turn cannot end in between. */
export function addSteps(turn: TurnState, added: readonly PlannedStep[]): TurnState {
  if (isTurnOver(turn)) return turn;
  const states = added.map((step): StepState => (isFree(step, turn.stepStates) ? "ready" : "waiting"));
  return { ...turn, steps: [...turn.steps, ...added], stepStates: [...turn.stepStates, ...states] };
}

export function cancelTurn(turn: TurnState): TurnState {
  if (isTurnOver(turn)) return turn;
  return {
    ...turn,
    status: "cancelled",
    stepStates: turn.stepStates.map((state) => (hasEnded(state) ? state : "cancelled")),
  };
}

export function isTurnOver({ status }: TurnState): boolean {
  return status !== "queued" && status !== "running";
}

function isFree(step: PlannedStep | undefined, states: readonly StepState[]): boolean {
  return step?.after.every((index) => hasEnded(states[index])) === true;
}

function hasEnded(state: StepState | undefined): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** What a manager or a summary did makes no turn partial in which every agent failed. */
function finalStatus(steps: readonly PlannedStep[], states: readonly StepState[]): "completed" | "partial" | "failed" {
  if (!states.includes("failed")) return "completed";
  const isAnswered = steps.some(({ purpose }, index) => purpose === "agent" && states[index] === "done");
  return isAnswered ? "partial" : "failed";
}

function replace<T>(list: readonly T[], index: number, value: T): readonly T[] {
  return list.map((item, each) => (each === index ? value : item));
}
