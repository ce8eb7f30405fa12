import type { ToolCall } from "../../ports/model.ts";

/** A piece of a call as the library hands it on; providers leave out what they like. */
export interface CallPiece {
  readonly index?: number | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly args?: string | undefined;
}

export interface CallsHeard {
  add(piece: CallPiece): void;
  calls(): readonly ToolCall[];
}

interface Heard {
  readonly index: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

const mostCalls = 64;

/** Puts the calls of a reply together from their pieces. */
export function createCallsHeard(): CallsHeard {
  const heard: Heard[] = [];
  return {
    add(piece) {
      const known = find(heard, piece);
      if (known === undefined && heard.length >= mostCalls) return;
      const call = known ?? { index: piece.index, id: "", name: "", arguments: "" };
      if (known === undefined) heard.push(call);
      call.id ||= piece.id ?? "";
      call.name ||= piece.name ?? "";
      call.arguments += piece.args ?? "";
    },
    calls: () => heard.map(({ id, name, arguments: given }) => ({ id, name, arguments: given })),
  };
}

// Without an index a piece with a new id begins a call, and one without goes on with the last.
function find(heard: readonly Heard[], { index, id }: CallPiece): Heard | undefined {
  if (index !== undefined) return heard.find((call) => call.index === index);
  const last = heard.at(-1);
  return id === undefined || id === "" || id === last?.id ? last : heard.find((call) => call.id === id);
}
