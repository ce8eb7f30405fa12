import type { Assignment } from "../../contract/step-results.ts";
import type { ModeInput, ModeRules, StepTrace } from "../plan/mode-rules.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { admitAssignments, askableKeys, fallbackRouting, managerLimits } from "./assignments.ts";
import { managed, rangeOf } from "./course.ts";
import { maxSteps, usualSteps } from "./orchestrator-size.ts";

/** The manager says who works on what, judges the replies, and puts the answer together. */
export const orchestrator: ModeRules = {
  needsTags: false,
  needsWords: true,
  minAgents: 1,
  defaultRounds: managerLimits.rounds,
  maxRounds: managerLimits.rounds,
  maxSpeakers: managerLimits.agentsPerRound,
  begin: () => [managed({ index: 0, purpose: "route", round: 1, after: [], sees: [] })],
  next: planNext,
  most: maxSteps,
  usual: usualSteps,
  outcome: () => null,
};

interface Place {
  readonly ended: StepTrace;
  /** Every other step of the turn. */
  readonly before: readonly StepTrace[];
  /** The index of the first step to plan. */
  readonly first: number;
}

function planNext(input: ModeInput, ended: StepTrace, steps: readonly StepTrace[]): readonly PlannedStep[] {
  const before = steps.filter(({ index }) => index !== ended.index);
  const place = { ended, before, first: 1 + Math.max(ended.index, ...before.map(({ index }) => index)) };
  switch (ended.purpose) {
    case "route":
      return routed(input, place);
    case "agent":
      return [judge(input, place)];
    case "evaluate":
      return judged(input, place);
    default:
      return [];
  }
}

function routed(input: ModeInput, place: Place): readonly PlannedStep[] {
  const { result } = place.ended;
  const read = result?.kind === "routing" ? admitAssignments(result.assignments, input, place.before) : [];
  if (result?.kind === "routing" && read.length > 0) return assign(place, read, result.order, 1);
  const fallback = fallbackRouting(input);
  return assign(place, fallback.assignments, fallback.order, 1);
}

/** Where no further round can follow there is nothing to judge. */
function judge(input: ModeInput, place: Place): PlannedStep {
  const { ended, before, first } = place;
  const { round } = ended;
  const isOpenEnded = round < maxRounds(input) && askableKeys(input.agentKeys, [...before, ended]).length > 0;
  if (!isOpenEnded) return synthesize(place);
  return managed({ index: first, purpose: "evaluate", round, after: repliesOfRound(place), sees: replies(place) });
}

function judged(input: ModeInput, place: Place): readonly PlannedStep[] {
  const { result, round } = place.ended;
  if (result?.kind !== "evaluation" || result.verdict === "finish" || round >= maxRounds(input))
    return [synthesize(place)];
  const admitted = admitAssignments(result.assignments, input, place.before);
  return admitted.length === 0 ? [synthesize(place)] : assign(place, admitted, result.order, round + 1);
}

function synthesize(place: Place): PlannedStep {
  const { ended, first } = place;
  const after = ended.purpose === "agent" ? repliesOfRound(place) : [ended.index];
  return managed({ index: first, purpose: "synthesize", round: ended.round, after, sees: replies(place) });
}

function assign(
  place: Place,
  assignments: readonly Assignment[],
  order: string,
  round: number,
): readonly PlannedStep[] {
  const { ended, first } = place;
  const earlier = replies(place);
  return assignments.map(({ agent_key, instruction }, turn) => {
    const said = order === "sequence" ? rangeOf(turn, first) : [];
    const after = said.length > 0 ? said.slice(-1) : [ended.index];
    const sees = [...earlier, ...said];
    return { index: first + turn, purpose: "agent", agentKey: agent_key, round, after, sees, instruction };
  });
}

function replies({ ended, before }: Place): readonly number[] {
  return [...before, ended]
    .filter(({ purpose }) => purpose === "agent")
    .toSorted(byIndex)
    .map(indexOf);
}

/** The replies of the round that ended. */
function repliesOfRound({ ended, before }: Place): readonly number[] {
  const own = [...before, ended].filter(({ purpose, round }) => purpose === "agent" && round === ended.round);
  return own.toSorted(byIndex).map(indexOf);
}

function byIndex(left: StepTrace, right: StepTrace): number {
  return left.index - right.index;
}

function indexOf({ index }: StepTrace): number {
  return index;
}

function maxRounds({ rounds }: ModeInput): number {
  return Math.min(rounds, managerLimits.rounds);
}
