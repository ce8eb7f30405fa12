import * as z from "zod";
import { isTerminalEvent, MessageDelta, TurnEvent } from "../../src/contract/turn-events.ts";
import { createFrameReader, type Frame } from "./frames.ts";

export interface Follower {
  readonly url: string;
  readonly token: string;
  /** How many bytes of the next connection are read before it is cut; null: it is left alone. */
  readonly nextCut: () => number | null;
  readonly onConnection?: () => Promise<void>;
}

export interface Followed {
  readonly events: readonly TurnEvent[];
  readonly deltas: readonly MessageDelta[];
  readonly connections: number;
  readonly cuts: number;
}

interface State {
  readonly events: TurnEvent[];
  readonly deltas: MessageDelta[];
  lastId: string;
}

const Said = z.union([TurnEvent, MessageDelta]);

/** A client as a browser is one: it reads frames, remembers the last id, and comes back with it until the turn is over. */
export async function followTurn(follower: Follower): Promise<Followed> {
  const state: State = { events: [], deltas: [], lastId: "" };
  let connections = 0;
  let cuts = 0;
  while (!state.events.some(isTerminalEvent)) {
    await follower.onConnection?.();
    connections += 1;
    if (await connect(follower, state)) cuts += 1;
  }
  return { ...state, connections, cuts };
}

/** True when it was cut. */
async function connect({ url, token, nextCut }: Follower, state: State): Promise<boolean> {
  const controller = new AbortController();
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "text/event-stream",
    ...(state.lastId === "" ? {} : { "last-event-id": state.lastId }),
  };
  const response = await fetch(url, { headers, signal: controller.signal }).catch(() => null);
  if (response === null || response.body === null) return false;
  if (response.status !== 200) throw new Error(`the stream was answered ${response.status}: ${await response.text()}`);
  let left = nextCut() ?? Number.POSITIVE_INFINITY;
  const frames = createFrameReader((frame) => takeFrame(state, frame));
  try {
    for await (const chunk of response.body) {
      frames.read(chunk.subarray(0, left));
      left -= chunk.byteLength;
      if (left <= 0) break;
    }
  } catch {
    // The connection broke by itself.
  }
  controller.abort();
  return left <= 0;
}

/** Half of a frame is read again after the next connection. */
function takeFrame(state: State, { id, event, data }: Frame): void {
  const said = Said.parse(JSON.parse(data));
  if (said.type !== event) throw new Error(`an event of type ${said.type} came as ${event}`);
  if (said.type === "message.delta") return void state.deltas.push(said);
  if (String(said.seq) !== id) throw new Error(`event ${said.seq} came with the id ${id}`);
  state.events.push(said);
  state.lastId = String(said.seq);
}
