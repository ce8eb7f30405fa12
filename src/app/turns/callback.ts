import { PantheonError } from "../../contract/errors.ts";
import { checkUrl, urlRefusals } from "../../domain/webhook/check-url.ts";

export interface Callback {
  readonly callback_url: string | null;
  readonly callback_origin: string | null;
}

/** Its origin is compared with those of the user's endpoints, whose addresses were looked up; so is this one before each send. */
export function toCallback(url: string | null): Callback {
  if (url === null) return { callback_url: null, callback_origin: null };
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const checked = checkUrl(url, parsed, { isLoopbackAllowed: true });
  if (checked.kind === "refused" || parsed === null)
    throw refuseCallback(checked.kind === "refused" ? urlRefusals[checked.reason] : urlRefusals.not_plain);
  return { callback_url: parsed.href, callback_origin: parsed.origin };
}

export function refuseCallback(message: string): PantheonError {
  return new PantheonError("validation_failed", "The callback cannot be used.", {
    errors: [{ pointer: "/callback_url", message }],
  });
}
