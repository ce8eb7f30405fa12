import { notFound } from "../app/not-found.ts";
import { beginWatch, type Seen, watchTurn } from "../app/turns/watch-turn.ts";
import type { TurnId } from "../contract/ids.ts";
import type { Page } from "../contract/lists.ts";
import type { TurnEvent } from "../contract/turn-events.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ports } from "../ports/ports.ts";
import type { TurnStore } from "../ports/turns.ts";
import { likingFor } from "./accept.ts";
import { noContent, ok, type Render } from "./render.ts";

type Header = (name: string) => string | undefined;

const eventStreamType = "text/event-stream";
const reconnectMs = 1000;
const lastSeq = 2_147_483_647;

/** A client that names a stream, and likes JSON no better; a wildcard names nothing. */
export function wantsEventStream(header: Header): boolean {
  const accept = header("accept");
  const liking = likingFor(accept, eventStreamType);
  return liking > 0 && liking >= likingFor(accept, "application/json");
}

/** What a client that comes back has seen: what its browser says goes before what its URL once said. */
export function seenSeq(header: Header, after: number): number {
  const last = header("last-event-id") ?? "";
  return /^\d{1,15}$/.test(last) ? Math.min(Number(last), lastSeq) : after;
}

type StreamPorts = Pick<Ports, "clock" | "live" | "log" | "turns">;

/** Null for whoever has seen the turn's end. */
export async function streamTurn(
  ports: Omit<StreamPorts, "turns"> & { readonly turns: Pick<TurnStore, "events"> },
  caller: Caller,
  id: TurnId,
  after: number,
): Promise<ReadableStream<Uint8Array> | null> {
  const first = await beginWatch(ports, caller, id, after);
  if (first === null) throw notFound();
  if (first.isOver && first.events.length === 0) return null;
  const leaving = new AbortController();
  const seen = watchTurn(ports, { caller, id, after, first, left: leaving.signal });
  return toStream(seen, {
    onCancel: () => leaving.abort(),
    onError: () => ports.log.warn("event_stream_broke", { turn_id: id }),
  });
}

const streamHeaders = { "Content-Type": eventStreamType, "Cache-Control": "no-store", "X-Accel-Buffering": "no" };

/** A page, a stream, or 204, which alone keeps an EventSource from coming back for ever. */
export const pageOrStream: Render<Page<TurnEvent> | ReadableStream<Uint8Array> | null> = (log, asked) => {
  if (log === null) return noContent(log, asked);
  return log instanceof ReadableStream ? { status: 200, headers: streamHeaders, body: log } : ok(log, asked);
};

interface Ends {
  readonly onCancel: () => void;
  readonly onError: () => void;
}

/** Pulled by the reader: one that is slow or gone is waited for by nobody. What fails ends the stream and says nothing. */
function toStream(seen: AsyncGenerator<Seen>, { onCancel, onError }: Ends): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(`retry: ${reconnectMs}\n\n`)),
      async pull(controller) {
        try {
          const next = await seen.next();
          if (next.done === true) return controller.close();
          controller.enqueue(encoder.encode(toFrame(next.value)));
        } catch {
          onError();
          controller.close();
        }
      },
      async cancel() {
        onCancel();
        await seen.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

function toFrame(seen: Seen): string {
  switch (seen.kind) {
    case "event":
      return `id: ${seen.event.seq}\nevent: ${seen.event.type}\ndata: ${JSON.stringify(seen.event)}\n\n`;
    case "delta":
      return `event: message.delta\ndata: ${JSON.stringify(seen.delta)}\n\n`;
    case "still_here":
      return ": still here\n\n";
  }
}
