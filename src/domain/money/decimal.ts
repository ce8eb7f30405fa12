/** The shortest decimal of an integer that counts units of 10^-decimals. */
export function formatDecimal(units: bigint, decimals: number): string {
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return sign + whole + (fraction === "" ? "" : `.${fraction}`);
}

/** The integer that counts units of 10^-decimals; the text must be a plain decimal of at most so many. */
export function parseDecimal(decimal: string, decimals: number): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  if (!/^-?\d+(?:\.\d+)?$/.test(decimal) || fraction.length > decimals)
    throw new RangeError(`must be a decimal string with at most ${decimals} decimals`);
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}
