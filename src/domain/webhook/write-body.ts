import { headWithin, utf8Bytes } from "../text/utf8.ts";

export interface ToldEvent {
  readonly type: string;
  readonly timestamp: string;
  readonly data: unknown;
}

type Members = Readonly<Record<string, unknown>>;
type Write = (members: Members) => string;

/** Many receivers take no more; Standard Webhooks asks for less than 20 kB. */
export const maxBodyBytes = 20_000;

/** The body of a webhook. A line of a log that is too long is cut and says so; the log has the whole of it. */
export function writeBody({ type, timestamp, data }: ToldEvent): string {
  const whole = JSON.stringify({ type, timestamp, data });
  if (isShortEnough(whole) || !isRecord(data) || !isRecord(data.data)) return whole;
  const write: Write = (members) => JSON.stringify({ type, timestamp, data: { ...data, data: members } });
  return withoutLongest(withShorterText(data.data, write), write);
}

function withShorterText(members: Members, write: Write): Members {
  const { text } = members;
  if (typeof text !== "string") return { ...members, is_cut: true };
  const cut = { ...members, text: "", is_cut: true, text_bytes: utf8Bytes(text) };
  return { ...cut, text: headWithin(text, maxBodyBytes - utf8Bytes(write(cut)), writtenBytes) };
}

/** A text's own bytes once it is written as JSON. */
function writtenBytes(text: string): number {
  return utf8Bytes(JSON.stringify(text)) - 2;
}

/** Where something else is too long, it is left out, the longest first. */
function withoutLongest(members: Members, write: Write): string {
  const { is_cut, ...others } = members;
  const lengthOf = (value: unknown) => JSON.stringify(value)?.length ?? 0;
  let left = Object.entries(others).sort(([, one], [, other]) => lengthOf(one) - lengthOf(other));
  let body = write(members);
  while (!isShortEnough(body) && left.length > 0) {
    left = left.slice(0, -1);
    body = write({ ...Object.fromEntries(left), is_cut });
  }
  return body;
}

function isShortEnough(body: string): boolean {
  return utf8Bytes(body) <= maxBodyBytes;
}

function isRecord(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
