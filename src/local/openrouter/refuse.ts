import { type ErrorBody, errorBody, errorResponse } from "./errors.ts";
import type { ActiveFaults } from "./fault-switches.ts";
import type { Model } from "./models.ts";
import type { RequestFacts } from "./request-facts.ts";

/** The refusal that a switch asks for, in the shapes that OpenRouter documents. */
export function refusalFor(faults: ActiveFaults, model: Model, facts: RequestFacts): Response | undefined {
  if (faults.unauthorized) return errorResponse(errorBody(401, "User not found."));
  if (faults.payment_required) return errorResponse(paymentRequired());
  if (faults.bad_request)
    return errorResponse(errorBody(400, faults.bad_request.message, { provider_name: model.provider }));
  if (faults.moderated) return errorResponse(moderated(model, facts));
  if (faults.rate_limited) return rateLimited(faults.rate_limited.retry_after_seconds, model);
  if (faults.server_error) return serverError(faults.server_error, model);
  if (faults.not_json) return new Response("<html><body>502 Bad Gateway</body></html>", htmlAsJson);
  return undefined;
}

const htmlAsJson = { status: 200, headers: { "content-type": "application/json" } };

function paymentRequired(): ErrorBody {
  return errorBody(402, "Insufficient credits. Add more using https://openrouter.ai/settings/credits");
}

function moderated(model: Model, facts: RequestFacts): ErrorBody {
  return errorBody(403, `${model.id} requires moderation on ${model.provider}. Your input was flagged.`, {
    reasons: ["policy"],
    flagged_input: facts.last.slice(0, 100),
    provider_name: model.provider,
    model_slug: model.id,
  });
}

function rateLimited(retryAfterSeconds: number, model: Model): Response {
  const body = errorBody(429, "Rate limit exceeded", { provider_name: model.provider });
  return errorResponse(body, { "retry-after": String(retryAfterSeconds) });
}

function serverError(rule: NonNullable<ActiveFaults["server_error"]>, model: Model): Response {
  const body = errorBody(rule.status, "Provider returned error", {
    provider_name: model.provider,
    raw: "upstream failed",
  });
  const retry = rule.retry_after_seconds;
  return errorResponse(body, retry === undefined ? {} : { "retry-after": String(retry) });
}
