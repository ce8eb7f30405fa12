const empty: Readonly<Record<string, unknown>> = {};

// Any object that is no array may be read by string keys: a missing key reads as undefined, which unknown allows.
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : empty;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
