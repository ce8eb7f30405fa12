import type { Context } from "hono";

export type AuthStatus = 400 | 401 | 403 | 404 | 422 | 429 | 500;

/** A refusal in GoTrue's words; `reasons` only come with a weak password. */
export interface AuthRefusal {
  readonly status: AuthStatus;
  readonly code: string;
  readonly message: string;
  readonly reasons?: readonly string[];
}

export function isRefusal(value: object): value is AuthRefusal {
  return "status" in value && "code" in value && "message" in value;
}

/** GoTrue has two error shapes: clients that name an API version get the second. */
export function sendRefusal(context: Context, refusal: AuthRefusal): Response {
  const { status, code, message, reasons } = refusal;
  const extra = reasons === undefined ? {} : { weak_password: { reasons } };
  const isVersioned = (context.req.header("x-supabase-api-version") ?? "") >= "2024-01-01";
  if (!isVersioned) return context.json({ code: status, error_code: code, msg: message, ...extra }, status);
  context.header("x-supabase-api-version", "2024-01-01");
  return context.json({ code, message, ...extra }, status);
}

export const refusals = {
  validation: (message: string): AuthRefusal => ({ status: 400, code: "validation_failed", message }),
  badJson: { status: 400, code: "bad_json", message: "Could not parse request body as JSON" },
  userExists: { status: 422, code: "user_already_exists", message: "User already registered" },
  weakPassword: {
    status: 422,
    code: "weak_password",
    message: "Password should be at least 6 characters.",
    reasons: ["length"],
  },
  invalidCredentials: { status: 400, code: "invalid_credentials", message: "Invalid login credentials" },
  refreshTokenUnknown: {
    status: 400,
    code: "refresh_token_not_found",
    message: "Invalid Refresh Token: Refresh Token Not Found",
  },
  refreshTokenUsed: {
    status: 400,
    code: "refresh_token_already_used",
    message: "Invalid Refresh Token: Already Used",
  },
  noAuthorization: { status: 401, code: "no_authorization", message: "This endpoint requires a valid Bearer token" },
  badJwt: { status: 403, code: "bad_jwt", message: "invalid JWT: unable to parse or verify signature" },
  sessionNotFound: {
    status: 403,
    code: "session_not_found",
    message: "Session from session_id claim in JWT does not exist",
  },
  userNotFound: { status: 403, code: "user_not_found", message: "User from sub claim in JWT does not exist" },
  injected: { status: 500, code: "unexpected_failure", message: "injected fault" },
} as const satisfies Record<string, AuthRefusal | ((message: string) => AuthRefusal)>;
