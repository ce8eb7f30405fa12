/** What a call to a model came to: an answer, whatever it was worth, or the failure that came in its place. */
export type CallEnd = "answered" | FailedEnd;

type FailedEnd =
  | "empty_reply"
  | "content_filter"
  | "invalid_reply"
  | "rate_limited"
  | "provider_unavailable"
  | "timeout"
  | "cut_stream"
  | "refused";

export interface EndedCall {
  readonly end: CallEnd;
  /** Words of it were handed on to those who watch the turn. */
  readonly isShown: boolean;
  /** The provider says that it billed nothing. */
  readonly isFree: boolean;
}

export type Payer = "user" | "platform";

/** What was shown and what the model answered is the user's; what was lost on the way, or cost nothing, is the platform's. */
export function whoPays({ end, isShown, isFree }: EndedCall): Payer {
  if (isShown || end === "answered") return "user";
  return isFree ? "platform" : payerByFailure[end];
}

const payerByFailure: Readonly<Record<FailedEnd, Payer>> = {
  empty_reply: "user",
  content_filter: "user",
  // No answer of a model, but an error page or half an event.
  invalid_reply: "platform",
  rate_limited: "platform",
  provider_unavailable: "platform",
  timeout: "platform",
  cut_stream: "platform",
  refused: "platform",
};
