import { MessageOfTurn, StepMessage } from "../../contract/step-message.ts";

export type { StepMessage };

/** Null for what is no message of ours: no redelivery will make it one. */
export function parseStepMessage(body: string): StepMessage | null {
  return StepMessage.safeParse(parse(body)).data ?? null;
}

/** Whose message it was meant to be, if it says no more than that. */
export function turnNamedIn(body: string): string | null {
  return MessageOfTurn.safeParse(parse(body)).data?.turn ?? null;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
