/** Pieces of one reply on their way out: gathered between two sendings, and numbered by where they begin. */
export interface DeltaBuffer {
  readonly attempt: string;
  readonly offset: number;
  readonly pending: string;
  readonly sent: number;
}

export interface Piece {
  readonly attempt: string;
  readonly offset: number;
  readonly text: string;
}

const leastPauseMs = 100;
const unheardPauseMs = 1000;
const sentBeforeSlower = 50;

export function beginReply(attempt: string): DeltaBuffer {
  return { attempt, offset: 0, pending: "", sent: 0 };
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

/** Ten a second at most, fewer the longer a reply gets, and one a second while nobody listens. */
export function pauseAfter({ sent }: Pick<DeltaBuffer, "sent">, listeners: number): number {
  return listeners === 0 ? unheardPauseMs : leastPauseMs * (1 + Math.floor(sent / sentBeforeSlower));
}
