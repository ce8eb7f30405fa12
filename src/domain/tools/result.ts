import { quotedBody } from "../speaker/quote.ts";
import { utf8Bytes } from "../text/utf8.ts";

export type ToolStatus = "ok" | "refused" | "failed" | "denied";

/** A tool's words as data, in no more bytes than given: whatever they hold, they cannot close this element. */
export function quoteResult({ tool, status, text }: ToolWords, maxBytes: number): string {
  const name = tool.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 64);
  const open = `<tool_result tool="${name}" status="${status}">`;
  const close = "</tool_result>";
  return `${open}${escapeWithin(text, maxBytes - utf8Bytes(open) - utf8Bytes(close))}${close}`;
}

export interface ToolWords {
  readonly tool: string;
  readonly status: ToolStatus;
  readonly text: string;
}

/** All of it, or the head that fits and word of how much there was. */
function escapeWithin(text: string, maxBytes: number): string {
  const escaped = quotedBody(text);
  if (utf8Bytes(escaped) <= maxBytes) return escaped;
  const mark = `\n[cut: the result has ${utf8Bytes(text)} bytes; this is its beginning]`;
  return `${headWithin(escaped, maxBytes - utf8Bytes(mark))}${mark}`;
}

const escapedCharacter = /&(?:amp|lt);|[\s\S]/gu;

/** Never half of a character, nor of what stands for one. */
function headWithin(escaped: string, bytes: number): string {
  let units = 0;
  let used = 0;
  for (const [character] of escaped.matchAll(escapedCharacter)) {
    used += utf8Bytes(character);
    if (used > bytes) break;
    units += character.length;
  }
  return escaped.slice(0, units);
}
