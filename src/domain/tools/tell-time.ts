/** A moment in UTC and, where a zone is named, in that zone; null for a zone that nobody knows. */
export function tellTime(atMs: number, timeZone: string | null): string | null {
  const utc = new Date(atMs).toISOString();
  if (timeZone === null) return `${utc} (${weekday(atMs, "UTC")}, UTC)`;
  const local = inZone(atMs, timeZone);
  return local === null ? null : `${local}\n${utc} (UTC)`;
}

function inZone(atMs: number, timeZone: string): string | null {
  try {
    const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long", timeZone });
    return `${format.format(atMs)} (${timeZone})`;
  } catch {
    return null;
  }
}

function weekday(atMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone }).format(atMs);
}
