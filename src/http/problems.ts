import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { guideByCode } from "../contract/error-guide.ts";
import { type ErrorCode, PantheonError } from "../contract/errors.ts";
import type { Problem, ProblemType } from "../contract/problem.ts";
import { basePath } from "./base-path.ts";
import { rateHeaders } from "./rate-headers.ts";

interface ProblemKind {
  readonly status: 400 | 401 | 402 | 403 | 404 | 405 | 409 | 412 | 413 | 414 | 415 | 422 | 429 | 500 | 503;
  readonly title: string;
}

const kindByCode: Readonly<Record<ErrorCode, ProblemKind>> = {
  unauthorized: { status: 401, title: "Unauthorized" },
  forbidden: { status: 403, title: "Forbidden" },
  not_found: { status: 404, title: "Not found" },
  validation_failed: { status: 422, title: "Validation failed" },
  malformed_json: { status: 400, title: "Malformed JSON" },
  unsupported_media_type: { status: 415, title: "Unsupported media type" },
  payload_too_large: { status: 413, title: "Payload too large" },
  uri_too_long: { status: 414, title: "URI too long" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  conflict: { status: 409, title: "Conflict" },
  precondition_failed: { status: 412, title: "Precondition failed" },
  turn_in_progress: { status: 409, title: "A turn is in progress" },
  idempotency_conflict: { status: 422, title: "Idempotency key reused" },
  idempotency_in_progress: { status: 409, title: "Request in progress" },
  context_budget_exceeded: { status: 422, title: "Context budget exceeded" },
  no_room_agents: { status: 422, title: "The room has no agents" },
  no_valid_tagged_agents: { status: 422, title: "No agent is tagged" },
  unknown_tagged_agent: { status: 422, title: "Unknown tagged agent" },
  insufficient_credits: { status: 402, title: "Insufficient credits" },
  budget_exceeded: { status: 402, title: "Budget exceeded" },
  rate_limited: { status: 429, title: "Too many requests" },
  model_unavailable: { status: 422, title: "Model unavailable" },
  dependency_unavailable: { status: 503, title: "Temporarily unavailable" },
  internal: { status: 500, title: "Internal error" },
};

const codeByHonoStatus: Readonly<Record<number, ErrorCode>> = {
  400: "malformed_json",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  413: "payload_too_large",
  415: "unsupported_media_type",
};

const internalDetail = "Something went wrong on our side. The request id helps us find it.";

export function describeProblem(code: ErrorCode): ProblemType {
  return { code, ...kindByCode[code], ...guideByCode[code] };
}

export function problemResponse(context: Context, error: unknown, requestId: string): Response {
  const known = toKnown(error);
  const { status, title } = kindByCode[known.code];
  const { errors, extra, limits, retryAfterSeconds } = known.details;
  const problem: Problem = {
    type: `${basePath}/problems/${known.code}`,
    title,
    status,
    detail: known.code === "internal" ? internalDetail : known.message,
    code: known.code,
    request_id: requestId,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...extra,
  };
  for (const [name, value] of Object.entries(rateHeaders(limits))) context.header(name, value);
  if (retryAfterSeconds !== undefined) context.header("Retry-After", String(retryAfterSeconds));
  if (status === 401) context.header("WWW-Authenticate", 'Bearer realm="pantheon"');
  context.header("Content-Type", "application/problem+json");
  return context.body(JSON.stringify(problem), status);
}

export function isUnexpected(error: unknown): boolean {
  return toKnown(error).code === "internal";
}

// The message of a fault, ours or not, may hold anything; it goes to the log, never to a client.
function toKnown(error: unknown): PantheonError {
  if (error instanceof PantheonError) return error;
  const code = error instanceof HTTPException ? codeByHonoStatus[error.status] : undefined;
  if (code !== undefined) return new PantheonError(code, kindByCode[code].title, { cause: error });
  return new PantheonError("internal", internalDetail, { cause: error });
}
