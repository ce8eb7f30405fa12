/** The wait after the first failed attempt, the second, …: the schedule that Standard Webhooks recommends. */
const waitsSeconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;

export const maxAttempts = waitsSeconds.length + 1;
/** A receiver may ask for more time than the schedule gives, but not for more than this. */
export const longestWaitSeconds = 86_400;
/** An endpoint that has answered nothing well for so long is disabled. */
export const failingDays = 5;

/** What came of one attempt. */
export type SendResult =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly latencyMs: number;
      readonly retryAfterSeconds: number | null;
      readonly excerpt: string;
    }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

export type NextStep =
  | { readonly kind: "succeeded" }
  | { readonly kind: "retry"; readonly waitSeconds: number }
  | { readonly kind: "failed" }
  /** 410: the receiver wants nothing more, on this delivery or any other. */
  | { readonly kind: "gone" };

/** What follows an attempt, the first of which is number 1. */
export function decideNext(result: SendResult, attempt: number): NextStep {
  if (result.kind === "answered" && isSuccess(result.status)) return { kind: "succeeded" };
  if (result.kind === "answered" && result.status === 410) return { kind: "gone" };
  const wait = waitsSeconds[attempt - 1];
  if (wait === undefined) return { kind: "failed" };
  const asked = result.kind === "answered" ? (result.retryAfterSeconds ?? 0) : 0;
  return { kind: "retry", waitSeconds: Math.min(longestWaitSeconds, Math.max(wait, asked)) };
}

/** A redirect is not followed, and no success. */
function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** Whether an attempt that just failed is the end of an endpoint that has been failing since then. */
export function hasFailedTooLong(failingSince: Date, now: Date): boolean {
  return now.getTime() - failingSince.getTime() >= failingDays * 86_400_000;
}
