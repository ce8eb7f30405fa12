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

type LimitAnswer = Awaited<ReturnType<Ratelimit["limit"]>>;

/** A fixed window, so that `resetSeconds` is the moment when the whole quota is back. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const resetByBlockedCaller = new Map<string, number>();
  const limiter = new Ratelimit({
    redis: createRedis(options),
    limiter: Ratelimit.fixedWindow(options.requestsPerMinute, "60 s"),
    prefix: "throttle",
    timeout: options.timeoutMs,
    ephemeralCache: resetByBlockedCaller,
    analytics: false,
    enableTelemetry: false,
  });
  return {
    take: async (caller) => {
      if (resetByBlockedCaller.size > maxBlockedCallers) resetByBlockedCaller.clear();
      const answer = await limiter.limit(caller).catch(() => null);
      return answer === null ? { kind: "unavailable" } : verdictOf(answer);
    },
  };
}

function verdictOf({ success, reason, limit, remaining, reset }: LimitAnswer): ThrottleVerdict {
  if (reason === "timeout") return { kind: "unavailable" };
  const resetSeconds = Math.max(0, Math.ceil((reset - Date.now()) / 1_000));
  return { kind: success ? "allowed" : "refused", limit, remaining, resetSeconds };
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
