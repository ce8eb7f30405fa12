import type { MessageRow, Snapshot, StepRow, TurnRow } from "../simulation/snapshot-rows.ts";

const aloud = ["agent", "synthesize", "vote"];

/** In whose name a step has its one message; null: it has none. */
export function authorOf({ purpose, status, flags }: StepRow): "agent" | "failed_agent" | null {
  if (status === "failed") return purpose === "agent" ? "failed_agent" : null;
  if (status !== "done" || !aloud.includes(purpose)) return null;
  return flags.includes("silent") || flags.includes("fallback") ? null : "agent";
}

/** What a step said, aloud or in its result alone. */
export function wordsOf({ messages }: Snapshot, step: StepRow): string | null {
  const said = messages.find((message) => isOf(message, step))?.text;
  const { result } = step;
  return said ?? (result !== null && "reason" in result ? result.reason : null);
}

function isOf({ turn_id, position }: MessageRow, step: StepRow): boolean {
  return turn_id === step.turn_id && position > 0 && position === step.step_index + 1;
}

/** A turn that was refused when it was made: nothing of it was ever to run. */
export function isRefused({ status, error, failed_steps }: TurnRow): boolean {
  return status === "failed" && error?.type === "context_budget_exceeded" && failed_steps === 0;
}
