import type { JsonSchema } from "./json-value.ts";
import type { Place } from "./place.ts";
import { numberAt } from "./schema-facts.ts";

const sampleByFormat: Readonly<Record<string, string>> = {
  "date-time": "2026-11-02T09:30:00Z",
  date: "2026-11-02",
  time: "09:30:00Z",
  duration: "P14D",
  email: "ada@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.10",
  ipv6: "2001:db8::10",
  uri: "https://example.com/notes",
  "uri-reference": "/notes",
  url: "https://example.com/notes",
  uuid: "0192f3a4-7c1e-7b52-9d3f-4a6b8c0d2e1f",
};

const SAMPLES_FOR_PATTERNS = [
  "ada",
  "a",
  "A",
  "Ada",
  "ABC",
  "AB12",
  "a1",
  "1",
  "12",
  "123",
  "1234",
  "12345",
  "0.5",
  "1.00",
  "1.0.0",
  "#1a2b3c",
  "yes",
  "item-1",
  "item_1",
  "2026-11-02",
  "09:30",
  "USD",
  "en",
  "en-GB",
  "ada@example.com",
  "https://example.com",
  "+441632960000",
  "0192f3a4-7c1e-7b52-9d3f-4a6b8c0d2e1f",
  "",
];

export function instanceOfString(schema: JsonSchema, place: Place): string {
  const format = schema.format;
  const fixed = typeof format === "string" ? sampleByFormat[format] : undefined;
  if (fixed !== undefined) return fixed;
  const wished = place.sense.words(place.path, place.index);
  const pattern = schema.pattern;
  if (typeof pattern === "string") return matchingSample(pattern, [wished, ...SAMPLES_FOR_PATTERNS], schema);
  return fitted(wished, schema, place);
}

function matchingSample(pattern: string, samples: readonly string[], schema: JsonSchema): string {
  const expression = new RegExp(pattern, "u");
  const lengths = lengthsOf(schema);
  const stretched = samples.flatMap((text) => [text, (text || "a").repeat(60).slice(0, Math.max(lengths.least, 1))]);
  const fits = (text: string) => expression.test(text) && sizeOf(text) >= lengths.least && sizeOf(text) <= lengths.most;
  return stretched.find(fits) ?? samples[0] ?? "";
}

function fitted(wished: string, schema: JsonSchema, place: Place): string {
  const { least, most } = lengthsOf(schema);
  let text = wished;
  for (let extra = 1; sizeOf(text) < least; extra += 1) {
    text = `${text} ${place.sense.words([...place.path, "text"], place.index + extra) || "and so on"}`;
  }
  return sizeOf(text) <= most ? text : shortened(text, least, most);
}

function shortened(text: string, least: number, most: number): string {
  const exact = [...text].slice(0, most).join("");
  const words = exact.replace(/\s+\S*$/u, "").replace(/[,;:]$/u, "");
  return words !== "" && sizeOf(words) >= least ? words : exact;
}

function lengthsOf(schema: JsonSchema): { least: number; most: number } {
  return { least: numberAt(schema, "minLength") ?? 0, most: numberAt(schema, "maxLength") ?? Number.POSITIVE_INFINITY };
}

/** JSON Schema counts characters, not UTF-16 units. */
function sizeOf(text: string): number {
  return [...text].length;
}
