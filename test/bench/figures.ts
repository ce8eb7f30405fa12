/** The value below which a share of the sorted values lies; 0 when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? 0;
}

export function rounded(value: number, decimals = 2): number {
  return Number(value.toFixed(decimals));
}
