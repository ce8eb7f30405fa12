import { utf8Bytes } from "../meter/utf8.ts";
import { mostResultBytes } from "./tool.ts";

export type ToolStatus = "ok" | "refused" | "failed" | "denied";

/** A tool's words as data: whatever they hold, they cannot close this element. */
export function quoteResult(tool: string, status: ToolStatus, text: string): string {
  const name = tool.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 64);
  const body = cutResult(text)
    .replace(/&(?=(?:amp|lt);)/g, "&amp;")
    .replace(/</g, "&lt;");
  return `<tool_result tool="${name}" status="${status}">${body}</tool_result>`;
}

/** The head that fits, and word of how much there was. */
export function cutResult(text: string): string {
  const whole = utf8Bytes(text);
  if (whole <= mostResultBytes) return text;
  const mark = `\n[cut: the result has ${whole} bytes; this is its beginning]`;
  return `${headWithin(text, mostResultBytes - utf8Bytes(mark))}${mark}`;
}

function headWithin(text: string, bytes: number): string {
  let units = 0;
  let used = 0;
  for (const character of text) {
    used += utf8Bytes(character);
    if (used > bytes) break;
    units += character.length;
  }
  return text.slice(0, units);
}
