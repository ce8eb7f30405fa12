import { parseRetryAfterMs } from "./duration.ts";
import { type Answer, answerHeader, type Message } from "./message.ts";
import { defaultRetryDelay, parseRetryDelay } from "./retry-delay.ts";

export type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly afterMs: number }
  | { readonly kind: "dead" };

/** The queue's law: 2xx is done, a marked 489 and the last retry are dead, all else comes back later. */
export function decideOutcome(message: Message, answer: Answer, wallMs: number): Outcome {
  if (isSuccess(answer)) return { kind: "delivered" };
  if (isNonRetryable(answer) || message.retried >= message.maxRetries) return { kind: "dead" };
  return { kind: "retry", afterMs: retryAfterMs(message, answer, wallMs) };
}

function isSuccess(answer: Answer): boolean {
  return answer.kind === "response" && answer.status >= 200 && answer.status < 300;
}

function isNonRetryable(answer: Answer): boolean {
  return (
    answer.kind === "response" &&
    answer.status === 489 &&
    answerHeader(answer, "Upstash-NonRetryable-Error")?.toLowerCase() === "true"
  );
}

function retryAfterMs(message: Message, answer: Answer, wallMs: number): number {
  const asked = answerHeader(answer, "Retry-After");
  const askedMs = asked === undefined ? undefined : parseRetryAfterMs(asked, wallMs);
  if (askedMs !== undefined) return askedMs;
  const delay = parseRetryDelay(message.retryDelayExpression ?? "") ?? defaultRetryDelay;
  return delay(message.retried);
}
