import { PantheonError } from "../../contract/errors.ts";
import { creditDecimals, creditPattern } from "../../contract/money.ts";
import { formatDecimal } from "./decimal.ts";

export const unitsPerCredit = 1_000_000_000n;

export function parseCredits(decimal: string): bigint {
  if (!creditPattern.test(decimal)) {
    throw new PantheonError("validation_failed", "credits must be a decimal string with at most nine decimals");
  }
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole) * unitsPerCredit + BigInt(fraction.padEnd(creditDecimals, "0"));
}

export function formatCredits(units: bigint): string {
  return formatDecimal(units, creditDecimals);
}
