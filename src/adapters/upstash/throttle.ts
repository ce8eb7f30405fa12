import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis/cloudflare";
import type { Throttle, ThrottleVerdict } from "../../ports/throttle.ts";

export interface ThrottleOptions {
  readonly redisUrl: string;
  readonly redisToken: string;
  readonly requestsPerMinute: number;
  readonly timeoutMs: number;
}

const maxBlockedCallers = 10_000;

type LimitAnswer = Pick<Awaited<ReturnType<Ratelimit["limit"]>>, "success" | "limit" | "remaining" | "reset">;

/** A fixed window, so that `resetSeconds` is the moment when the whole quota is back. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const { requestsPerMinute: limit, timeoutMs } = options;
  const resetMsByBlockedCaller = new Map<string, number>();
  const limiter = new Ratelimit({
    redis: createRedis(options),
    limiter: Ratelimit.fixedWindow(limit, "60 s"),
    prefix: "throttle",
    timeout: timeoutMs,
    // The library's own cache still refuses at the very millisecond that it gave as the end.
    ephemeralCache: false,
    analytics: false,
    enableTelemetry: false,
  });
  return {
    take: async (caller) => {
      const blockedUntilMs = resetMsByBlockedCaller.get(caller) ?? 0;
      if (blockedUntilMs > Date.now()) return verdictOf({ success: false, limit, remaining: 0, reset: blockedUntilMs });
      const answer = await limiter.limit(caller).catch(() => null);
      // On a timeout the library lets everybody in.
      if (answer === null || answer.reason === "timeout") return { kind: "unavailable" };
      if (!answer.success) remember(resetMsByBlockedCaller, caller, answer.reset);
      return verdictOf(answer);
    },
  };
}

function verdictOf({ success, limit, remaining, reset }: LimitAnswer): ThrottleVerdict {
  const resetSeconds = Math.max(0, Math.ceil((reset - Date.now()) / 1_000));
  return { kind: success ? "allowed" : "refused", limit, remaining, resetSeconds };
}

function remember(resetMsByBlockedCaller: Map<string, number>, caller: string, resetMs: number): void {
  if (resetMsByBlockedCaller.size >= maxBlockedCallers) resetMsByBlockedCaller.clear();
  resetMsByBlockedCaller.set(caller, resetMs);
}

/** Auto-pipelining would share one request's promise with another's; `retry: false` would still try twice and count twice. */
function createRedis({ redisUrl, redisToken, timeoutMs }: ThrottleOptions): Redis {
  return new Redis({
    url: redisUrl,
    token: redisToken,
    retry: { retries: 0 },
    signal: () => AbortSignal.timeout(timeoutMs),
    enableAutoPipelining: false,
    enableTelemetry: false,
    readYourWrites: false,
  });
}
