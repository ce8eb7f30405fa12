import { formatDecimal } from "./decimal.ts";

const centsPerCredit = 3n;
const centUnitDecimals = 11;

/** What one credit is worth. */
export const usdPerCredit = formatDecimal(centsPerCredit, 2);

/** Exact: a unit of credit is a whole number of 1e-11 dollars. */
export function unitsToUsd(units: bigint): string {
  return formatDecimal(units * centsPerCredit, centUnitDecimals);
}
