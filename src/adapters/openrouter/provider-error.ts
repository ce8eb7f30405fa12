import { headOf } from "../../domain/text/utf8.ts";

export interface ProviderError {
  readonly code: number | null;
  readonly message: string;
}

const excerptCharacters = 200;
const keyLike = /\b(?:sk-|pk-|Bearer\s+)[\w.*-]{8,}/gi;

/** The error object that an answer's text carries, as its body or as an event of its stream. */
export function readProviderError(text: string): ProviderError | null {
  for (const candidate of [text, ...eventsOf(text).toReversed()]) {
    const error = errorIn(candidate);
    if (error !== null) return error;
  }
  return null;
}

/** A short piece of the provider's words that is fit to be shown: one line, no key. */
export function excerptOf(text: string, apiKey: string): string {
  const plain = text
    .replace(/<[^>]*>/g, " ")
    .replaceAll(apiKey, "[key]")
    .replace(keyLike, "[key]");
  return headOf(plain.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim(), excerptCharacters);
}

function eventsOf(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/).flatMap((line) => (line.startsWith("data:") ? [line.slice("data:".length)] : []));
}

function errorIn(json: string): ProviderError | null {
  if (!json.includes('"error"')) return null;
  const error = fieldOf(parse(json), "error");
  if (typeof error === "string") return { code: null, message: error };
  if (typeof error !== "object" || error === null) return null;
  const code = Number(fieldOf(error, "code"));
  const message = fieldOf(error, "message");
  return { code: Number.isInteger(code) ? code : null, message: typeof message === "string" ? message : "" };
}

function fieldOf(value: unknown, field: "error" | "code" | "message"): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, field)?.value;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
