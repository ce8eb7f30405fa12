import type { Context } from "hono";
import { PantheonError } from "../../contract/errors.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Throttle, ThrottleVerdict } from "../../ports/throttle.ts";
import { rateHeaders } from "../rate-headers.ts";
import type { Route } from "../route.ts";
import type { Env } from "../variables.ts";
import type { ProvenKeys } from "./proven-keys.ts";

const windowSeconds = 60;

interface Throttled {
  readonly route: Route;
  readonly caller: Caller;
  readonly provenKeys: ProvenKeys;
}

/** Counts a request against its caller. Without Redis reads stay open, and writes whose only guard this is close. */
export async function throttle(
  ports: Pick<Ports, "throttle" | "log">,
  context: Context<Env>,
  { route, caller, provenKeys }: Throttled,
): Promise<void> {
  const isKnown = caller.kind === "user" || provenKeys.has(caller);
  const verdict = await ports.throttle.take(isKnown ? callerName(caller) : strangerName(context));
  if (verdict.kind === "unavailable") return withoutThrottle(ports, route);
  tellLimits(context, verdict);
  if (verdict.kind === "refused")
    throw new PantheonError("rate_limited", `More than ${verdict.limit} requests in a minute.`, {
      retryAfterSeconds: verdict.resetSeconds,
    });
}

/** For requests that never get as far as a route's own handler, such as those without a valid token. */
export async function throttleStranger(ports: { readonly throttle: Throttle }, context: Context<Env>): Promise<void> {
  const verdict = await ports.throttle.take(strangerName(context));
  if (verdict.kind === "refused")
    throw new PantheonError("rate_limited", "Too many requests without a valid token.", {
      retryAfterSeconds: verdict.resetSeconds,
    });
}

function withoutThrottle({ log }: Pick<Ports, "log">, route: Route): void {
  log.warn("throttle_unavailable", { operation: route.operationId });
  if (route.method === "get" || route.isRead === true || route.isGuardedByRows === true) return;
  throw new PantheonError("dependency_unavailable", "Changes are closed while requests cannot be counted.", {
    retryAfterSeconds: 5,
  });
}

function tellLimits(context: Context<Env>, verdict: Exclude<ThrottleVerdict, { kind: "unavailable" }>): void {
  const headers = rateHeaders([{ ...verdict, name: "requests", windowSeconds }]);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
}

function strangerName(context: Context<Env>): string {
  return `ip:${context.req.header("cf-connecting-ip") ?? "unknown"}`;
}

function callerName(caller: Caller): string {
  return caller.kind === "user" ? `user:${caller.userId}` : `key:${caller.short}`;
}
