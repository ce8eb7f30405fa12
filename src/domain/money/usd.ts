import { formatDecimal } from "./decimal.ts";

const centsPerCredit = 3n;
const centUnitDecimals = 11;

/** What one credit is worth. */
export const usdPerCredit = formatDecimal(centsPerCredit, 2);

/** Exact: a unit of credit is a whole number of 1e-11 dollars. */
export function unitsToUsd(units: bigint): string {
  return formatDecimal(units * centsPerCredit, centUnitDecimals);
}

const picoDecimals = 12;

/** What providers charge is kept in integers of 1e-12 dollars. */
export function formatPicoUsd(pico: bigint): string {
  return formatDecimal(pico, picoDecimals);
}
