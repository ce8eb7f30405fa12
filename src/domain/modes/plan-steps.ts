import type { PlannedStep } from "../turn/plan.ts";
import type { ModeGround, ModeRules } from "./mode-rules.ts";

/** The same agents round after round: what those modes have in common whose course is known from the start. */
export function fixedRounds(
  planRound: (agentKeys: readonly string[], round: number) => readonly PlannedStep[],
): Pick<ModeRules, "begin" | "next" | "most"> {
  return {
    begin: ({ agentKeys }) => planRound(agentKeys, 1),
    next: ({ agentKeys, rounds }, { index, round }) => {
      const isFollowed = planRound(agentKeys, round).some(({ after }) => after.includes(index));
      return isFollowed || round >= rounds ? [] : planRound(agentKeys, round + 1);
    },
    most: ({ agentKeys, rounds }: ModeGround) => upTo(rounds).flatMap((earlier) => planRound(agentKeys, earlier + 1)),
  };
}

/** The numbers before this one. */
export function upTo(index: number): readonly number[] {
  return Array.from({ length: index }, (_, earlier) => earlier);
}
