import type { StepResult } from "../../contract/step-results.ts";
import type { ResponseFormat } from "../json-schema/response-format.ts";
import type { StepTrace } from "../plan/mode-rules.ts";
import type { PlannedStep, TurnPlan } from "../plan/plan.ts";

export type TaskStep = Pick<PlannedStep, "index" | "purpose" | "agentKey" | "round" | "instruction">;

/** Of what was said in the turn, as much as a task needs to know. */
export interface SeenMessage {
  readonly id: string;
  readonly author: "user" | "agent" | "failed_agent" | "summary";
  readonly agent_key: string | null;
}

/** What a step knows when it begins; the same again gives the same task, form and reading. */
export interface TaskInput {
  readonly plan: TurnPlan;
  readonly step: TaskStep;
  /** The user's message and what the step may see of its turn. */
  readonly seen: readonly SeenMessage[];
  /** All steps of the turn. */
  readonly steps: readonly StepTrace[];
  /** The turn's id. */
  readonly seed: string;
}

/** What a step came to, and what it says aloud, if anything. */
export interface StepWords {
  readonly result: StepResult | null;
  readonly text: string | null;
}

export type ReadReply =
  | ({ readonly kind: "read" } & StepWords)
  /** The fault is told to the model, and never holds the model's own words. */
  | { readonly kind: "invalid"; readonly fault: string };

export interface PurposeRules {
  /** The last words of the prompt: whose turn it is and what is asked. */
  readonly task: (input: TaskInput) => string;
  /** Null: plain words. */
  readonly format: (input: TaskInput) => ResponseFormat | null;
  /** Total: any JSON value is read or invalid. */
  readonly read: (value: unknown, input: TaskInput) => ReadReply;
  /** What counts when no reply could be read, or none came; null: the step fails. */
  readonly fallback: (input: TaskInput) => StepWords | null;
}
