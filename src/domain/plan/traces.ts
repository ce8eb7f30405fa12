import type { StepResult } from "../../contract/step-results.ts";
import type { StepTrace } from "./mode-rules.ts";
import type { StepPurpose } from "./plan.ts";

/** A step as the database hands it over. */
export interface StoredTrace {
  readonly index: number;
  readonly purpose: StepPurpose;
  readonly agent_key: string;
  readonly round: number;
  readonly status: string;
  readonly result: StepResult | null;
}

/** The steps of the mode: a summary before them is none. */
export function toTraces(steps: readonly StoredTrace[]): readonly StepTrace[] {
  return steps
    .filter(({ purpose }) => purpose !== "summarize")
    .map(({ index, purpose, agent_key, round, status, result }) => ({
      index,
      purpose,
      agentKey: agent_key,
      round,
      isDone: status === "done",
      result,
    }));
}
