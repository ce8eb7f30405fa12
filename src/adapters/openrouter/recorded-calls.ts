import type { ToolCall } from "../../ports/model.ts";

/** A piece of a call as the library hands it on; providers leave out what they like. */
export interface CallPiece {
  readonly index?: number | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly args?: string | undefined;
}

export interface RecordedCalls {
  add(piece: CallPiece): void;
  calls(): readonly ToolCall[];
}

interface RecordedCall {
  readonly index: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

const maxCalls = 64;

/** Puts the calls of a reply together from their pieces. */
export function recordCalls(): RecordedCalls {
  const recorded: RecordedCall[] = [];
  return {
    add(piece) {
      const known = find(recorded, piece);
      if (known === undefined && recorded.length >= maxCalls) return;
      const call = known ?? { index: piece.index, id: "", name: "", arguments: "" };
      if (known === undefined) recorded.push(call);
      call.id ||= piece.id ?? "";
      call.name ||= piece.name ?? "";
      call.arguments += piece.args ?? "";
    },
    calls: () => recorded.map(({ id, name, arguments: given }) => ({ id, name, arguments: given })),
  };
}

// Without an index a piece with a new id begins a call, and one without goes on with the last.
function find(recorded: readonly RecordedCall[], { index, id }: CallPiece): RecordedCall | undefined {
  if (index !== undefined) return recorded.find((call) => call.index === index);
  const last = recorded.at(-1);
  return id === undefined || id === "" || id === last?.id ? last : recorded.find((call) => call.id === id);
}
