import type { Mode } from "../../contract/rooms.ts";
import type { PlannedStep } from "../turn/plan.ts";

/** Who is to speak in a round, in order. Rounds count from one. */
export interface Round {
  readonly agentKeys: readonly string[];
  readonly round: number;
}

/** A mode is data: which steps a round makes. */
export interface ModeRules {
  /** The agents speak only when tagged. */
  readonly needsTags: boolean;
  readonly planRound: (round: Round) => readonly PlannedStep[];
}

export const rulesByMode: Readonly<Record<Mode, ModeRules>> = {
  manual: { needsTags: true, planRound: planParallel },
  roundtable: { needsTags: false, planRound: planChain },
};

/** One after the other; each sees all that was said before it in this turn. */
function planChain({ agentKeys, round }: Round): readonly PlannedStep[] {
  const first = (round - 1) * agentKeys.length;
  return agentKeys.map((agentKey, place) => {
    const index = first + place;
    return {
      index,
      purpose: "agent",
      agentKey,
      round,
      after: index === 0 ? [] : [index - 1],
      sees: upTo(index),
      instruction: null,
    };
  });
}

/** Side by side and unseen by each other; a further round begins when the one before has ended, and sees it. */
function planParallel({ agentKeys, round }: Round): readonly PlannedStep[] {
  const first = (round - 1) * agentKeys.length;
  const sees = upTo(first);
  return agentKeys.map((agentKey, place) => ({
    index: first + place,
    purpose: "agent",
    agentKey,
    round,
    after: sees.slice(-agentKeys.length),
    sees,
    instruction: null,
  }));
}

function upTo(index: number): readonly number[] {
  return Array.from({ length: index }, (_, earlier) => earlier);
}
