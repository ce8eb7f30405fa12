import type { ModeInput } from "../plan/mode-rules.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { managerLimits, maxInstructionBytes } from "./assignments.ts";
import { managed, parallelSteps, rangeOf } from "./course.ts";

// The longest there is, whatever it says.
const instruction = "x".repeat(maxInstructionBytes);

/**
 * Every round in full, with every agent in each, since the manager may choose any: of one round no more take place than it may ask.
 * Each sees as much as the one that is asked last.
 */
export function maxSteps({ agentKeys, rounds }: ModeInput): readonly PlannedStep[] {
  const lastRound = Math.min(rounds, managerLimits.rounds);
  const steps: PlannedStep[] = [managed({ index: 0, purpose: "route", round: 1, after: [], sees: [] })];
  const sees: number[] = [];
  for (const round of rangeOf(lastRound, 1)) {
    const first = steps.length;
    const group = parallelSteps({ agentKeys, round, first, after: [first - 1], sees: [...sees], instruction });
    const all = group.map(({ index }) => index);
    steps.push(...group.map((step) => ({ ...step, sees: [...sees, ...othersOf(step.index, all)] })));
    sees.push(...all.slice(0, managerLimits.agentsPerRound));
    const purpose = round < lastRound ? "evaluate" : "synthesize";
    steps.push(managed({ index: steps.length, purpose, round, after: all, sees: [...sees] }));
  }
  return steps;
}

/** One round is enough. */
export function usualSteps({ agentKeys, rounds }: ModeInput): readonly PlannedStep[] {
  const chosen = agentKeys.slice(0, managerLimits.agentsPerRound);
  const route = managed({ index: 0, purpose: "route", round: 1, after: [], sees: [] });
  const replies = parallelSteps({ agentKeys: chosen, round: 1, first: 1, after: [0], sees: [] });
  const sees = replies.map(({ index }) => index);
  const next = 1 + sees.length;
  if (rounds === 1)
    return [route, ...replies, managed({ index: next, purpose: "synthesize", round: 1, after: sees, sees })];
  return [
    route,
    ...replies,
    managed({ index: next, purpose: "evaluate", round: 1, after: sees, sees }),
    managed({ index: next + 1, purpose: "synthesize", round: 1, after: [next], sees }),
  ];
}

function othersOf(index: number, all: readonly number[]): readonly number[] {
  return all.filter((other) => other !== index).slice(0, managerLimits.agentsPerRound - 1);
}
