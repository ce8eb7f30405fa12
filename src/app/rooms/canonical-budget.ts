import { formatCredits, parseCredits } from "../../domain/money/credits.ts";

/** As it will read once stored, so that the first answer and every later one agree. */
export function canonicalBudget(budget: string | null): string | null {
  return budget === null ? null : formatCredits(parseCredits(budget));
}
