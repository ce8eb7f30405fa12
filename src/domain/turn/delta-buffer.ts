/** Pieces of one reply on their way out: gathered between two sendings, and numbered by where they begin. */
export interface DeltaBuffer {
  readonly attempt: string;
  readonly offset: number;
  readonly pending: string;
  readonly sent: number;
  /** How often nobody listened, since somebody did. */
  readonly unheard: number;
}

export interface Piece {
  readonly attempt: string;
  readonly offset: number;
  readonly text: string;
}

const minPauseMs = 100;
const longestUnheardPauseMs = 1000;
const sentBeforeSlower = 50;
/** Beyond it, who comes late does without the beginning. */
const maxKept = 16_384;

export function beginReply(attempt: string): DeltaBuffer {
  return { attempt, offset: 0, pending: "", sent: 0, unheard: 0 };
}

export function addText(buffer: DeltaBuffer, text: string): DeltaBuffer {
  return { ...buffer, pending: buffer.pending + text };
}

/** All that waits, as one piece; null when nothing does. */
export function takePiece(buffer: DeltaBuffer): { readonly piece: Piece | null; readonly rest: DeltaBuffer } {
  if (buffer.pending === "") return { piece: null, rest: buffer };
  const { attempt, offset, pending: text } = buffer;
  return {
    piece: { attempt, offset, text },
    rest: { ...buffer, offset: offset + text.length, pending: "", sent: buffer.sent + 1 },
  };
}

/** What became of a piece. One that nobody heard goes out again with what follows, for a watcher who is about to come. */
export function afterSending(buffer: DeltaBuffer, piece: Piece, listeners: number | null): DeltaBuffer {
  if (listeners !== null && listeners > 0) return { ...buffer, unheard: 0 };
  const counted = { ...buffer, unheard: buffer.unheard + 1 };
  const kept = piece.text + buffer.pending;
  // Where nobody knows, somebody may have heard it, and shall not hear it twice.
  if (listeners === null || piece.attempt !== buffer.attempt || kept.length > maxKept) return counted;
  return { ...counted, offset: piece.offset, pending: kept };
}

/** Ten a second at most, fewer the longer a reply gets, and one a second once it seems that nobody will listen. */
export function pauseAfter({ sent, unheard }: Pick<DeltaBuffer, "sent" | "unheard">): number {
  if (unheard > 0) return Math.min(longestUnheardPauseMs, minPauseMs * 2 ** (unheard - 1));
  return minPauseMs * (1 + Math.floor(sent / sentBeforeSlower));
}
