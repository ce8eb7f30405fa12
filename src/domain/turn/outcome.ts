/** How a failed model call goes on; what is worth another try is tried again within bounds, and then the agent has failed. */
export interface Failure {
  readonly type: string;
  readonly isTransient: boolean;
  readonly retryAfterSeconds: number | null;
}

export interface Tries {
  /** Claims so far that count against the agent, this one included. */
  readonly attempts: number;
  readonly waitedSeconds: number;
}

export type AfterFailure =
  | { readonly kind: "retry"; readonly retryAfterSeconds: number; readonly isFault: boolean }
  | { readonly kind: "give_up" };

/** Claims of one step before it is given up, crashes included. */
export const maxAttempts = 5;
const maxWaitedSeconds = 900;
const longestPauseSeconds = 300;

export function afterFailure(
  { type, isTransient, retryAfterSeconds }: Failure,
  { attempts, waitedSeconds }: Tries,
): AfterFailure {
  if (!isTransient) return { kind: "give_up" };
  const isFault = type !== "rate_limited";
  if (isFault && attempts >= maxAttempts) return { kind: "give_up" };
  const pause = Math.min(Math.max(1, retryAfterSeconds ?? 2 ** attempts), longestPauseSeconds);
  if (waitedSeconds + pause > maxWaitedSeconds) return { kind: "give_up" };
  return { kind: "retry", retryAfterSeconds: pause, isFault };
}
