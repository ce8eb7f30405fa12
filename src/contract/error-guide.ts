import type { ErrorCode } from "./errors.ts";

interface Guide {
  /** When a client meets the code. */
  readonly when: string;
  readonly remedy: string;
}

export const guideByCode: Readonly<Record<ErrorCode, Guide>> = {
  unauthorized: {
    when: "The request has no valid access token or API key.",
    remedy: "Send a current Supabase access token or an API key as `Authorization: Bearer …`.",
  },
  forbidden: {
    when: "The API key lacks the scope of this operation, or the operation needs a signed-in user.",
    remedy: "Use a key with the operation's `x-required-scope`, or an access token.",
  },
  not_found: {
    when: "The address names nothing that the caller may see. A thing of another user gets the same answer.",
    remedy: "Check the path and each id in it.",
  },
  validation_failed: {
    when: "A field, parameter or header has a value that the operation does not take. Unknown fields count.",
    remedy: "Correct each value that `errors` points to, then send the request again.",
  },
  malformed_json: {
    when: "The body is not JSON in UTF-8.",
    remedy: "Send a body that a JSON parser reads.",
  },
  unsupported_media_type: {
    when: "The body has another type than JSON.",
    remedy: "Send `Content-Type: application/json`.",
  },
  payload_too_large: {
    when: "The body has more than 2 MiB.",
    remedy: "Send less at once.",
  },
  uri_too_long: {
    when: "The URL has more than 8 KiB.",
    remedy: "Shorten the query; a cursor is passed back as it came.",
  },
  method_not_allowed: {
    when: "The address exists and does not answer this method.",
    remedy: "Use one of the methods in the `Allow` header.",
  },
  conflict: {
    when: "The request contradicts what the thing is now: a key is taken, a limit is reached or a turn is over.",
    remedy: "Read the thing again and act on what `detail` says.",
  },
  precondition_failed: {
    when: "The thing changed after the version in `If-Match`.",
    remedy: "Read it again, apply the change to the new version and send the new `ETag`.",
  },
  turn_in_progress: {
    when: "The session has a turn that is not over, and `on_busy` is `reject`.",
    remedy: "Wait for the turn in `turn_id`, or send the turn with `on_busy` as `enqueue` or `interrupt`.",
  },
  idempotency_conflict: {
    when: "The `Idempotency-Key` came before with another request.",
    remedy: "Use a new key for a new request.",
  },
  idempotency_in_progress: {
    when: "The first request with this `Idempotency-Key` is not answered yet.",
    remedy: "Send the same request again after a second.",
  },
  context_budget_exceeded: {
    when: "The message does not fit into the context of a model that has to read it. No model was called.",
    remedy: "Shorten the message or choose models with a longer context. The turn in `turn_id` has the figures.",
  },
  no_room_agents: {
    when: "The room has no agents, or the turn has fewer than its mode needs.",
    remedy: "Add agents to the room, tag more of them or choose another mode.",
  },
  no_valid_tagged_agents: {
    when: "The mode `manual` needs a tag, and the message has none.",
    remedy: "Write `@agent_key` of an agent of the room into the message.",
  },
  unknown_tagged_agent: {
    when: "The message tags a key that no agent of the room has.",
    remedy: "Correct the tag; `GET /rooms/{room_id}/agents` lists the keys.",
  },
  insufficient_credits: {
    when: "The wallet does not cover the hold of the request. `needed` and `available` are in credits.",
    remedy: "Add credits, send a shorter turn, or use fewer agents or cheaper models.",
  },
  budget_exceeded: {
    when: "The hold of the request goes beyond the budget that `scope` names.",
    remedy: "Raise that budget, wait for the next day or month, or send a cheaper turn.",
  },
  rate_limited: {
    when: "The caller sent more requests, or began more turns, than a limit allows.",
    remedy: "Wait as many seconds as `Retry-After` says; the `RateLimit` headers show each limit.",
  },
  model_unavailable: {
    when: "A model alias has no price, so nothing can be held for its calls.",
    remedy: "Give the agent or the manager an alias of the price list.",
  },
  dependency_unavailable: {
    when: "The database, the queue or another service that the request needs does not answer.",
    remedy: "Wait as many seconds as `Retry-After` says, then send the same request with the same `Idempotency-Key`.",
  },
  internal: {
    when: "Pantheon has a fault. Its cause is in the log, never in the answer.",
    remedy: "Send the same request with the same `Idempotency-Key`; if it fails again, report the `request_id`.",
  },
};
