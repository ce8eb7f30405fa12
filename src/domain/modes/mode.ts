import type { TurnOutcome } from "../../contract/outcomes.ts";
import type { Mode } from "../../contract/rooms.ts";
import type { ModeInput, ModeRules, StepTrace } from "../plan/mode-rules.ts";
import type { StepPurpose } from "../plan/plan.ts";
import { council } from "./council.ts";
import { debate } from "./debate.ts";
import { manual } from "./manual.ts";
import { orchestrator } from "./orchestrator.ts";
import { roundtable } from "./roundtable.ts";

export const rulesByMode: Readonly<Record<Mode, ModeRules>> = { manual, roundtable, orchestrator, council, debate };

/** What the agents of a turn came to together; what it says before the turn is over is how it stands. */
export function outcomeOf(mode: Mode | "summary", steps: readonly StepTrace[]): TurnOutcome | null {
  return mode === "summary" ? null : rulesByMode[mode].outcome(steps);
}

/** How many rounds a turn has that asks for so many, or for none in particular. */
export function roundsOf(mode: Mode, asked: number | null): number {
  const { defaultRounds, maxRounds } = rulesByMode[mode];
  return Math.min(asked ?? defaultRounds, maxRounds);
}

/** How many messages a turn may add to its session. */
export function maxReplies(mode: Mode, input: ModeInput): number {
  const { most, maxSpeakers } = rulesByMode[mode];
  const said = most(input).filter(({ purpose }) => speaks(purpose));
  const replies = said.filter(({ purpose }) => purpose === "agent");
  const rounds = [...new Set(replies.map(({ round }) => round))];
  const inRound = (round: number) => replies.filter((step) => step.round === round).length;
  const kept = rounds.reduce(
    (sum, round) => sum + Math.min(inRound(round), maxSpeakers ?? Number.POSITIVE_INFINITY),
    0,
  );
  return said.length - replies.length + kept;
}

/** Its step may say something aloud; the others only come to a result, or fail without a word. */
function speaks(purpose: StepPurpose): boolean {
  return purpose === "agent" || purpose === "synthesize" || purpose === "vote";
}
