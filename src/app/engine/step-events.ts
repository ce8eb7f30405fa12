import type { StepResult } from "../../contract/step-results.ts";
import type { StepEvent } from "../../ports/steps.ts";
import type { AwaitedCall } from "../../ports/toolbox.ts";

const typeByKind: Readonly<Record<StepResult["kind"], string | null>> = {
  routing: "turn.routed",
  evaluation: "turn.routed",
  ranking: "ranking.cast",
  vote: "vote.cast",
  structured: null,
};

/** What the log tells of a step beside its message and its calls of tools, of which the database tells itself. */
export function toStepEvents(result: StepResult | null, flags: readonly string[]): readonly StepEvent[] {
  const silence: readonly StepEvent[] = flags.includes("silent") ? [{ type: "agent.silent", data: {} }] : [];
  const type = result === null ? null : typeByKind[result.kind];
  return type === null ? silence : [...silence, { type, data: { result } }];
}

export function approvalEvent({ id, tool, arguments: given }: AwaitedCall): StepEvent {
  return { type: "approval.requested", data: { id, tool, arguments: given } };
}
