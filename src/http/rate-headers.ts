import type { RateLimit } from "../contract/rate-limits.ts";
import type { Rendered } from "./rendered.ts";

/** Limits as the RateLimit header fields for HTTP name them. */
export function rateHeaders(limits: readonly RateLimit[] | undefined): Rendered["headers"] {
  if (limits === undefined) return {};
  const policies = limits.map(({ name, limit, windowSeconds }) => `"${name}";q=${limit};w=${windowSeconds}`);
  const left = limits.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`);
  return { "RateLimit-Policy": policies.join(", "), RateLimit: left.join(", ") };
}
