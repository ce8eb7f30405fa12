import { formatDecimal } from "../money/decimal.ts";
import type { Usage } from "./usage.ts";

export type ChargedTokens = Pick<Usage, "freshTokens" | "cachedTokens" | "outputTokens">;

const freshHundredths = 35n;
const cachedHundredths = 10n;
const outputHundredths = 100n;

/** OE in hundredths: 0.35 · fresh + 0.10 · cached + 1.00 · output. */
export function oeHundredths(tokens: ChargedTokens): bigint {
  return (
    freshHundredths * atLeastZero(tokens.freshTokens) +
    cachedHundredths * atLeastZero(tokens.cachedTokens) +
    outputHundredths * atLeastZero(tokens.outputTokens)
  );
}

/** credits = OE × multiplier / 10 000; in units of 1e-9 credits the divisors cancel: 100 × 1 000 × 10 000 = 1e9. */
export function creditUnits(hundredths: bigint, multiplierMilli: bigint): bigint {
  return hundredths * multiplierMilli;
}

export function formatOe(hundredths: bigint): string {
  return formatDecimal(hundredths, 2);
}

function atLeastZero(tokens: bigint): bigint {
  return tokens > 0n ? tokens : 0n;
}
