import { StepMessage } from "../contract/step-message.ts";

export type { StepMessage };

/** Null for what is no message of ours: no redelivery will make it one. */
export function parseStepMessage(body: string): StepMessage | null {
  try {
    return StepMessage.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}
