import { readCompletion, type WireCompletion } from "../../domain/meter/wire.ts";

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
      const end = endOfLastEvent(kept);
      if (end > 0) folded = merge(folded, readCompletion(kept.slice(0, end)));
      kept = kept.slice(end);
      unfoldable = kept.length;
      if (kept.length > maxKeptCharacters) throw new Error("one event of the answer is larger than any reply");
    },
    completion: () => merge(folded, readCompletion(kept)),
    keptText: () => kept,
  };
}

// A body that is one JSON value must stay whole; only events may be read apart.
function endOfLastEvent(text: string): number {
  if (/^\s*\{/.test(text)) return 0;
  return Math.max(...blankLines.map((blank) => endOf(text.lastIndexOf(blank), blank)));
}

function endOf(index: number, found: string): number {
  return index < 0 ? 0 : index + found.length;
}

function merge(earlier: WireCompletion | null, later: WireCompletion): WireCompletion {
  if (earlier === null) return later;
  return {
    usage: later.usage ?? earlier.usage,
    generationId: later.generationId ?? earlier.generationId,
    providerModel: later.providerModel ?? earlier.providerModel,
    finishReason: later.finishReason ?? earlier.finishReason,
    outputCharacters: earlier.outputCharacters + later.outputCharacters,
    isComplete: earlier.isComplete || later.isComplete,
  };
}
