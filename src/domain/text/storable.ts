/** What Postgres refuses inside text and JSON: a model may say it, and its reply must still be kept. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
}

/** The same within JSON: it keeps its shape, and only the texts and names within it may change. */
export function storableValue<Value>(value: Value): Value {
  return storableIn(value) as Value;
}

function storableIn(value: unknown): unknown {
  if (typeof value === "string") return storable(value);
  if (Array.isArray(value)) return value.map(storableIn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storable(name), storableIn(inner)]));
}
