import { formatDecimal } from "./decimal.ts";

export const unitsPerCredit = 1_000_000_000n;

const creditDecimals = 9;
const creditPattern = /^(?:0|[1-9]\d{0,8})(?:\.\d{1,9})?$/;

export function parseCredits(decimal: string): bigint {
  if (!creditPattern.test(decimal)) {
    throw new RangeError("credits must be a decimal string with at most nine decimals");
  }
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole) * unitsPerCredit + BigInt(fraction.padEnd(creditDecimals, "0"));
}

export function formatCredits(units: bigint): string {
  return formatDecimal(units, creditDecimals);
}
