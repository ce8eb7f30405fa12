import { shorten, textOf, unitsThatFit } from "./shorten.ts";
import type { ShortenRule, WindowMessage } from "./window.ts";

const minUnits = 160;

// Two fifths, divided rather than multiplied by 0.4, so that whole results stay whole.
export function maxSummaryTokens(inputBudget: number): number {
  return (inputBudget * 2) / 5;
}

/** The summary, or what of it comes to so many tokens at most; null when that is nothing worth reading. */
export function fitSummary(message: WindowMessage, maxTokens: number): WindowMessage | null {
  if (message.tokens <= maxTokens) return message;
  return shortenToLines(message, unitsThatFit(message, Math.floor(maxTokens)), "shortened_summary");
}

/** Its first lines, since what matters most comes first; of a first line that is too long, the head. */
export function shortenToLines(message: WindowMessage, units: number, rule: ShortenRule): WindowMessage | null {
  const end = textOf(message).lastIndexOf("\n", units);
  if (end > 0) return shorten(message, end, rule);
  return units < minUnits ? null : shorten(message, units, rule);
}
