import type { TurnOutcome } from "../../contract/outcomes.ts";
import type { StepResult } from "../../contract/step-results.ts";
import type { PlannedStep, StepPurpose } from "./plan.ts";

/** What a mode plans upon. */
export interface ModeInput {
  /** The roster in speaking order, the manager not among them. */
  readonly agentKeys: readonly string[];
  readonly rounds: number;
  /** The turn's id: what is shuffled is shuffled by it. */
  readonly seed: string;
  /** The user wants the last word in a form of their own. */
  readonly wantsForm: boolean;
}

/** A step of the turn as far as it has come. */
export interface StepTrace {
  readonly index: number;
  readonly purpose: StepPurpose;
  readonly agentKey: string;
  readonly round: number;
  /** It ended well. */
  readonly isDone: boolean;
  readonly result: StepResult | null;
}

/** A mode is data: which steps a turn begins with, and which follow when no other is open. */
export interface ModeRules {
  /** The agents speak only when tagged. */
  readonly needsTags: boolean;
  /** What follows is about what was said: where nobody has said anything, nothing follows. */
  readonly needsWords: boolean;
  /** Fewer make no sense of it. */
  readonly minAgents: number;
  /** What counts where a turn does not say how many. */
  readonly defaultRounds: number;
  readonly maxRounds: number;
  /** How many agents may be asked in one round of `most`, where that names more; null: all that it names. */
  readonly maxSpeakers: number | null;
  readonly begin: (input: ModeInput) => readonly PlannedStep[];
  /**
   * What follows the step that ended, if no other is open; `steps` are all of the turn, whatever their state. Any step of a group that
   * runs side by side may turn out to be its last, so all of one group give the same answer: of their own results, none may count.
   */
  readonly next: (input: ModeInput, ended: StepTrace, steps: readonly StepTrace[]) => readonly PlannedStep[];
  /** The longest that the turn may become, whoever is asked. */
  readonly most: (input: ModeInput) => readonly PlannedStep[];
  /** How long it is when all goes as it usually does. */
  readonly usual: (input: ModeInput) => readonly PlannedStep[];
  /** What the agents came to together, once the turn is over; null where there is nothing to count. */
  readonly outcome: (steps: readonly StepTrace[]) => TurnOutcome | null;
}
