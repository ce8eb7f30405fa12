import { setTimeout as pause } from "node:timers/promises";
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
  readonly broken: number;
}

interface State {
  readonly events: TurnEvent[];
  readonly deltas: MessageDelta[];
  lastId: string;
}

/** Shorter than a client's, so that the turn is not over when it comes back. */
const reconnectMs = 100;

const Said = z.union([TurnEvent, MessageDelta]);

/** A client as a browser is one: it reads frames, remembers the last id, and comes back with it until the turn is over. */
export async function followTurn(follower: Follower): Promise<Followed> {
  const state: State = { events: [], deltas: [], lastId: "" };
  let connections = 0;
  let cuts = 0;
  let broken = 0;
  while (!state.events.some(isTerminalEvent)) {
    await follower.onConnection?.();
    connections += 1;
    const end = await connect(follower, state);
    if (end === "cut") cuts += 1;
    if (end !== "broken") continue;
    broken += 1;
    await pause(reconnectMs);
  }
  return { ...state, connections, cuts, broken };
}

/** How the connection came to its end. */
async function connect({ url, token, nextCut }: Follower, state: State): Promise<"cut" | "broken" | "ended"> {
  const controller = new AbortController();
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "text/event-stream",
    ...(state.lastId === "" ? {} : { "last-event-id": state.lastId }),
  };
  const response = await fetch(url, { headers, signal: controller.signal }).catch(() => null);
  if (response === null || response.body === null) return "broken";
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
    return "broken";
  }
  controller.abort();
  return left <= 0 ? "cut" : "ended";
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
