import * as z from "zod";
import { isTerminalEvent, MessageDelta, TurnEvent } from "../../src/contract/turn-events.ts";
import { createFrameReader } from "../watch/frames.ts";
import { type Arena, furnishSeats, post, type Seat } from "./arena.ts";

export interface FirstDeltas {
  /** From the model's first words on the wire to the same words at a client, one for each turn. */
  readonly ms: readonly number[];
  /** Turns whose reply began without its watcher. */
  readonly missed: number;
}

const Said = z.union([TurnEvent, MessageDelta]);
const Made = z.object({ id: z.string() });
/** Slow enough that the words of a reply are told apart, and that its watcher is there before the first of them. */
const pace = { slow_tokens: { ms_per_chunk: 8, ms_before_first: 300 } };

/** Turns one after the other, each watched from its beginning, with nothing else going on. */
export async function measureFirstDeltas(arena: Arena, turns: number): Promise<FirstDeltas> {
  const [seat] = await furnishSeats(arena, { users: 1, seats: 1, agents: 1 });
  if (seat === undefined) throw new Error("there is no session");
  const { openRouter } = arena.cloud.standIns;
  openRouter.setFaults(pace);
  const ms: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const heardAtMs = await watchOneTurn(arena, seat);
    const spokenAtMs = openRouter.requests().at(-1)?.first_words_at_ms;
    if (heardAtMs !== null && typeof spokenAtMs === "number") ms.push(heardAtMs - spokenAtMs);
  }
  openRouter.setFaults({});
  return { ms, missed: turns - ms.length };
}

/** When the beginning of the reply was there; null when it was not told. */
async function watchOneTurn(arena: Arena, { token, sessionId }: Seat): Promise<number | null> {
  const { id } = Made.parse(await post(arena, token, `/sessions/${sessionId}/turns`, { message: "What comes first?" }));
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const response = await fetch(`${arena.worker.url}/api/v1/turns/${id}/events`, { headers });
  if (response.body === null) throw new Error(`the stream was answered ${response.status}`);
  let heardAtMs: number | null = null;
  let isOver = false;
  const frames = createFrameReader(({ data }) => {
    const said = Said.parse(JSON.parse(data));
    if (said.type === "message.delta" && said.data.offset === 0) heardAtMs ??= performance.now();
    isOver ||= said.type !== "message.delta" && isTerminalEvent(said);
  });
  for await (const chunk of response.body) frames.read(chunk);
  if (!isOver) throw new Error(`the stream of turn ${id} ended before it`);
  return heardAtMs;
}
