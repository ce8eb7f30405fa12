import type { RateLimit } from "./rate-limits.ts";

/** The closed list of error codes that clients meet. */
export const errorCodes = [
  "unauthorized",
  "forbidden",
  "not_found",
  "validation_failed",
  "malformed_json",
  "unsupported_media_type",
  "payload_too_large",
  "uri_too_long",
  "method_not_allowed",
  "conflict",
  "precondition_failed",
  "turn_in_progress",
  "idempotency_conflict",
  "idempotency_in_progress",
  "context_budget_exceeded",
  "no_room_agents",
  "no_valid_tagged_agents",
  "unknown_tagged_agent",
  "insufficient_credits",
  "budget_exceeded",
  "rate_limited",
  "model_unavailable",
  "dependency_unavailable",
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  /** The words of a dependency that refused a request for good; never for a client. */
  readonly refusal?: string;
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document, such as the id of a refused turn. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The limits that were met, for `rate_limited`. */
  readonly limits?: readonly RateLimit[];
}

/** The one failure of the product; its message is fit for a client and never holds a secret. */
export class PantheonError extends Error {
  override readonly name = "PantheonError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}
