import { maskCode } from "./mask-code.ts";
import { flattenName, type Speaker } from "./quote.ts";

// Attributes are read up to a bound, so that no text takes long.
const mark =
  /(?:<|&lt;|＜)\s*(?:(\/)\s*(message|error|answer|tool_result)\s*(?:>|&gt;|＞)|(?:message|error|answer|tool_result)\s+(?:from|key|label|type|tool|status)\s*=(?:(?!&gt;)[^<>＜＞]){0,600}(?:>|&gt;|＞)?)/giu;
const keyOf = /\bkey\s*=\s*(?:["']|&quot;)?\s*([\w-]+)/i;
const nameOf = /\bfrom\s*=\s*(?:["']|&quot;)?([^"'&<>]*)/i;

/**
 * A reply without what it copies of the quoting format: quotes of others go with what is in them, and of one around its own words the
 * words stay. Null when it copies nothing.
 */
export function dropQuotes(text: string, self: Speaker): string | null {
  const kept: string[] = [];
  let from = 0;
  let isInside = false;
  let isFound = false;
  for (const found of maskCode(text).matchAll(mark)) {
    const [whole, slash, name] = found;
    const isClosing = slash !== undefined;
    if (isInside && !isClosing) continue;
    if (!isInside && isClosing && name?.toLowerCase() !== "message") continue;
    if (!isInside) kept.push(text.slice(from, found.index));
    from = found.index + whole.length;
    isInside = !isClosing && !isOwn(whole, self);
    isFound = true;
  }
  if (!isFound) return null;
  if (!isInside) kept.push(text.slice(from));
  return kept.join("").trim();
}

function isOwn(tag: string, { key, name }: Speaker): boolean {
  const keyed = keyOf.exec(tag)?.[1];
  if (keyed !== undefined) return keyed.toLowerCase() === key.toLowerCase();
  return flattenName(nameOf.exec(tag)?.[1] ?? "").toLowerCase() === flattenName(name).toLowerCase();
}
