import { unitsPerCredit } from "./credits.ts";

export const lowBalanceUnits = 5n * unitsPerCredit;

export function isLowBalance(units: bigint): boolean {
  return units < lowBalanceUnits;
}
