import { headWithin, utf8Bytes } from "../text/utf8.ts";
import { tailWithin } from "./bytes.ts";

export const mostNarrativeBytes = 6000;

const gap = "\n[…]\n";
const gapBytes = utf8Bytes(gap);

/** How the story began and what came last; what is too long gives way in the middle, and a later cut widens the same gap. */
export function boundNarrative(text: string, mostBytes: number): string {
  if (text.length <= mostBytes && utf8Bytes(text) <= mostBytes) return text;
  const most = mostBytes - gapBytes;
  if (most <= 0) return "";
  const gapAt = text.indexOf(gap);
  const head = headWithin(gapAt < 0 ? text : text.slice(0, gapAt), Math.floor(most / 3)).trimEnd();
  const tail = tailWithin(gapAt < 0 ? text : text.slice(gapAt + gap.length), most - utf8Bytes(head)).trimStart();
  return head + gap + tail;
}
