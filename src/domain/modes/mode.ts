import type { Mode } from "../../contract/rooms.ts";
import type { PlannedStep } from "../turn/plan.ts";

/** Who is to speak, in order, how many times round. */
export interface Roster {
  readonly agentKeys: readonly string[];
  readonly rounds: number;
}

/** A mode is data: which steps a roster makes. */
export interface ModeRules {
  /** The agents speak only when tagged. */
  readonly needsTags: boolean;
  readonly plan: (roster: Roster) => readonly PlannedStep[];
}

export const rulesByMode: Readonly<Record<Mode, ModeRules>> = {
  manual: { needsTags: true, plan: planParallel },
  roundtable: { needsTags: false, plan: planChain },
};

/** One after the other; each sees all that was said before it in this turn. */
function planChain({ agentKeys, rounds }: Roster): readonly PlannedStep[] {
  const turns = Array.from({ length: rounds }, (_, round) =>
    agentKeys.map((agentKey) => ({ agentKey, round: round + 1 })),
  ).flat();
  return turns.map(({ agentKey, round }, index) => ({
    index,
    purpose: "agent",
    agentKey,
    round,
    after: index === 0 ? [] : [index - 1],
    sees: Array.from({ length: index }, (_, earlier) => earlier),
  }));
}

/** Side by side and unseen by each other; a further round begins when the one before has ended, and sees it. */
function planParallel({ agentKeys, rounds }: Roster): readonly PlannedStep[] {
  const size = agentKeys.length;
  return Array.from({ length: rounds * size }, (_, index) => {
    const round = Math.floor(index / size);
    const before = Array.from({ length: round * size }, (_unused, earlier) => earlier);
    return {
      index,
      purpose: "agent",
      agentKey: agentKeys[index % size] ?? "",
      round: round + 1,
      after: before.slice(-size),
      sees: before,
    };
  });
}
