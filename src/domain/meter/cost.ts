/** Costs are integers of 1e-12 USD. */
const picoDecimals = 12;
const decimalPattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?$/;

export const maxCostUsdPico = 10n ** 18n;

/** A provider's cost as an integer, rounded up when finer; null when it is no number. */
export function costUsdPico(cost: unknown): bigint | null {
  const match = decimalPattern.exec(costText(cost));
  if (match === null) return null;
  const [, sign = "", mantissa = "", exponent = "0"] = match;
  if (sign === "-") return 0n;
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = (whole + fraction).replace(/^0+/, "");
  return scaleUp(digits, Number(exponent) - fraction.length + picoDecimals);
}

function costText(cost: unknown): string {
  if (typeof cost === "string") return cost.trim();
  return typeof cost === "number" ? String(cost) : "";
}

// Sizes are compared before any BigInt is made: the exponent and the digits are the provider's, and may be absurd.
function scaleUp(digits: string, exponent: number): bigint {
  if (digits === "") return 0n;
  if (digits.length + exponent > maxCostUsdPico.toString().length) return maxCostUsdPico;
  const kept = exponent >= 0 ? digits + "0".repeat(exponent) : digits.slice(0, exponent);
  const isFiner = exponent < 0 && /[1-9]/.test(digits.slice(exponent));
  const pico = BigInt(kept) + (isFiner ? 1n : 0n);
  return pico < maxCostUsdPico ? pico : maxCostUsdPico;
}
