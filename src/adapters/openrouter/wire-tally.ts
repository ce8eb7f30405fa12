import { readCompletion, readEvents, type WireCompletion } from "../../domain/meter/wire.ts";

const maxKeptCharacters = 1_000_000;
const foldAtCharacters = 64_000;
const blankLines = ["\n\n", "\r\n\r\n", "\r\r"];

/** Reads an answer's text as it passes, and keeps no more of it than what may not be whole yet. */
export interface WireTally {
  /** Throws for an answer that no reply would need. */
  add(bytes: Uint8Array): void;
  completion(): WireCompletion;
  /** The part that is still kept: all of a short answer, the end of a long one. */
  keptText(): string;
}

export function createWireTally(): WireTally {
  const decoder = new TextDecoder();
  let folded: WireCompletion | null = null;
  let kept = "";
  let unfoldable = 0;
  return {
    add(bytes) {
      kept += decoder.decode(bytes, { stream: true });
      if (kept.length < unfoldable + foldAtCharacters) return;
      const end = folded === null && mayBeBody(kept) ? 0 : endOfLastEvent(kept);
      if (end > 0) folded = readEvents(kept.slice(0, end), folded ?? undefined);
      kept = kept.slice(end);
      unfoldable = kept.length;
      if (kept.length > maxKeptCharacters) throw new Error("one event of the answer is larger than any reply");
    },
    completion: () => (folded === null ? readCompletion(kept) : readEvents(kept, folded)),
    keptText: () => kept,
  };
}

// A body that is one JSON value must stay whole; only events may be read apart.
function mayBeBody(text: string): boolean {
  return /^\s*(?:\{|$)/.test(text);
}

function endOfLastEvent(text: string): number {
  return Math.max(...blankLines.map((blank) => endOf(text.lastIndexOf(blank), blank)));
}

function endOf(index: number, found: string): number {
  return index < 0 ? 0 : index + found.length;
}
