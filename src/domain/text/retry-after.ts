const longestSeconds = 86_400;

/** The header's seconds, whether it holds them or a date, up to a day; null when it says neither. */
export function retryAfterSeconds(header: string | null | undefined, nowMs: number): number | null {
  if (header === null || header === undefined) return null;
  const seconds = /^\s*\d+(?:\.\d*)?\s*$/.test(header) ? Number(header) : secondsUntil(header, nowMs);
  return Number.isNaN(seconds) ? null : Math.min(longestSeconds, Math.max(0, Math.ceil(seconds)));
}

// A date names its month; without that check engines read some numbers as dates.
function secondsUntil(date: string, nowMs: number): number {
  return /[a-z]{3}/i.test(date) ? (Date.parse(date) - nowMs) / 1000 : Number.NaN;
}
