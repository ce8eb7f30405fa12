import type { PromptMessage } from "../domain/speaker/build-prompt.ts";
import type { ModelFailure, ModelOutcome } from "../ports/model.ts";

const instructionByType = {
  empty_reply: "Your last reply was empty. Reply again, in words.",
  invalid_reply: "Your last reply could not be read. Reply again, in plain text.",
} as const;

type RepairableType = keyof typeof instructionByType;
export type RepairableFailure = ModelFailure & { readonly type: RepairableType };

/** The failure that the model itself can mend when it is told; null for every other outcome. */
export function repairableFailure(outcome: ModelOutcome): RepairableFailure | null {
  if (outcome.kind === "replied") return outcome.text.trim() === "" ? emptyReply : null;
  return isRepairable(outcome.failure) ? outcome.failure : null;
}

/** The prompt with what was wrong; within the last user message, since strict providers want roles to alternate. */
export function askAgain(messages: readonly PromptMessage[], type: RepairableType): readonly PromptMessage[] {
  const instruction = instructionByType[type];
  const last = messages.at(-1);
  if (last?.role !== "user") return [...messages, { role: "user", content: instruction }];
  return [...messages.slice(0, -1), { role: "user", content: `${last.content}\n\n${instruction}` }];
}

const emptyReply: RepairableFailure = {
  type: "empty_reply",
  message: "The model's reply is empty.",
  isTransient: true,
  retryAfterSeconds: null,
};

function isRepairable(failure: ModelFailure): failure is RepairableFailure {
  return failure.type in instructionByType;
}
