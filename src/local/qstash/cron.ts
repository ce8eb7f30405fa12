/** A parsed cron line: the next time strictly after the given one, or undefined when none comes within a leap cycle. */
export type Cron = (afterMs: number) => number | undefined;

interface Field {
  readonly values: ReadonlySet<number>;
  readonly isAny: boolean;
}

const minuteMs = 60_000;
const searchDays = 4 * 366;
const ranges: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];
const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const aliases: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
};

/** Reads a five-field cron line in UTC (a CRON_TZ other than UTC is refused). */
export function parseCron(line: string): Cron | undefined {
  const withoutZone = line.trim().replace(/^CRON_TZ=UTC\s+/, "");
  const parts = (aliases[withoutZone] ?? withoutZone).toLowerCase().split(/\s+/);
  if (parts.length !== 5) return undefined;
  const [minute, hour, day, month, weekday] = parts.map((part, index) => parseField(part, index));
  if (!minute || !hour || !day || !month || !weekday) return undefined;
  return (afterMs) => {
    const first = Math.floor(afterMs / minuteMs) * minuteMs + minuteMs;
    const midnight = new Date(first).setUTCHours(0, 0, 0, 0);
    for (let offset = 0; offset < searchDays; offset += 1) {
      const dayStart = midnight + offset * 1440 * minuteMs;
      if (!matchesDay(new Date(dayStart), day, month, weekday)) continue;
      const found = firstMinute(dayStart, first, hour, minute);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function firstMinute(dayStart: number, notBefore: number, hour: Field, minute: Field): number | undefined {
  for (let index = 0; index < 1440; index += 1) {
    const at = dayStart + index * minuteMs;
    if (at >= notBefore && hour.values.has(Math.floor(index / 60)) && minute.values.has(index % 60)) return at;
  }
  return undefined;
}

/** Cron's own rule: when both day fields are restricted, either one is enough. */
function matchesDay(date: Date, day: Field, month: Field, weekday: Field): boolean {
  if (!month.values.has(date.getUTCMonth() + 1)) return false;
  const matchesDayOfMonth = day.values.has(date.getUTCDate());
  const matchesWeekday = weekday.values.has(date.getUTCDay());
  return day.isAny || weekday.isAny ? matchesDayOfMonth && matchesWeekday : matchesDayOfMonth || matchesWeekday;
}

function parseField(text: string, index: number): Field | undefined {
  const values = new Set<number>();
  for (const item of named(text, index).split(",")) {
    const parsed = parseItem(item, ranges[index] ?? [0, 0]);
    if (parsed === undefined) return undefined;
    for (const value of parsed) values.add(index === 4 ? value % 7 : value);
  }
  return { values, isAny: text === "*" };
}

function parseItem(item: string, [lowest, highest]: readonly [number, number]): readonly number[] | undefined {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/.exec(item);
  if (!match) return undefined;
  const [, from, to, step] = match;
  const start = Number(from ?? lowest);
  const end = Number(to ?? (from === undefined || step !== undefined ? highest : from));
  if (start < lowest || end > highest || start > end) return undefined;
  const stride = Number(step ?? 1);
  return Array.from({ length: Math.floor((end - start) / stride) + 1 }, (_, position) => start + position * stride);
}

function named(text: string, index: number): string {
  if (index === 3) return monthNames.reduce((result, name, at) => result.replaceAll(name, String(at + 1)), text);
  if (index === 4) return dayNames.reduce((result, name, at) => result.replaceAll(name, String(at)), text);
  return text;
}
