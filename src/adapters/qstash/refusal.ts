import { QstashError } from "@upstash/qstash";

const maxWords = 200;

/** The queue's own words when it refused what was published, which no retry mends; null for every other failure. */
export function wordsOfRefusal(cause: unknown, token: string): string | null {
  if (!(cause instanceof QstashError) || !isRefusal(cause.status)) return null;
  return toWords(errorOf(cause.message), token);
}

/** The same for one message of a batch that was accepted otherwise. */
export function wordsOfResult(result: object, token: string): string | null {
  return "error" in result && typeof result.error === "string" ? toWords(result.error, token) : null;
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

function errorOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const isNamed = typeof parsed === "object" && parsed !== null && "error" in parsed;
    return isNamed && typeof parsed.error === "string" ? parsed.error : body;
  } catch {
    return body;
  }
}

function toWords(text: string, token: string): string {
  return text
    .replaceAll(token, "…")
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .slice(0, maxWords);
}
