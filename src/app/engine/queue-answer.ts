import type { Log, LogFields } from "../../ports/log.ts";

/** What a delivery is answered with; one table in the HTTP room turns it into the queue's own language. */
export type QueueAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "come_back"; readonly retryAfterSeconds: number }
  | { readonly kind: "try_again"; readonly retryAfterSeconds: number }
  | { readonly kind: "failed" }
  | { readonly kind: "poison" };

export const alreadyDone: QueueAnswer = { kind: "done" };

/** Somebody else holds it: never a success, or the holder's crash would lose the message. */
export function comeBack(retryAfterSeconds: number): QueueAnswer {
  return { kind: "come_back", retryAfterSeconds };
}

export function tryAgain(retryAfterSeconds: number): QueueAnswer {
  return { kind: "try_again", retryAfterSeconds };
}

export function poison(log: Log, event: string, fields: LogFields): QueueAnswer {
  log.error(event, fields);
  return { kind: "poison" };
}
