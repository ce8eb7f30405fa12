import type { CallEnd } from "../domain/money/who-pays.ts";
import type { CallRecord, ModelResult } from "../ports/model.ts";

/** One attempt at a provider, and what of it decides who pays. */
export interface MadeCall extends CallRecord {
  readonly end: CallEnd;
  /** Words of it were handed on to those who watch the turn. */
  readonly isShown: boolean;
}

/** The outcome is the last attempt's: a gateway makes another only where one came to nothing. */
export function toMadeCalls({ outcome, calls }: ModelResult, isShown: boolean): readonly MadeCall[] {
  const end = outcome.kind === "failed" ? outcome.failure.type : "answered";
  const isLast = (place: number) => place === calls.length - 1;
  return calls.map((call, place) =>
    isLast(place) ? { ...call, end, isShown } : { ...call, end: "provider_unavailable", isShown: false },
  );
}
