import type { TurnId } from "../../contract/ids.ts";
import { isTerminalEvent, type MessageDelta, type TurnEvent } from "../../contract/turn-events.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Listener, Live } from "../../ports/live.ts";
import type { TurnLog, TurnStore } from "../../ports/turns.ts";

interface WatchPorts {
  readonly clock: Clock;
  readonly live: Live;
  readonly turns: Pick<TurnStore, "events">;
}

export type Seen =
  | { readonly kind: "event"; readonly event: TurnEvent }
  | { readonly kind: "delta"; readonly delta: MessageDelta }
  | { readonly kind: "still_here" };

const pageSize = 200;
const betweenReadsMs = 1000;
const longestPollMs = 5000;
const heartbeatMs = 15_000;
const longestWatchMs = 600_000;

/** The first page of a watch, read before anything is answered; null when there is no such turn. */
export function beginWatch({ turns }: WatchPorts, caller: Caller, id: TurnId, after: number) {
  return turns.events(caller, id, { after, limit: pageSize });
}

interface Watch {
  readonly caller: Caller;
  readonly id: TurnId;
  readonly after: number;
  readonly first: TurnLog;
  /** Says that nobody reads any more. */
  readonly left: AbortSignal;
}

/**
 * The log from a place on, and then as it grows, until its end. Signals only say when to look again: without them it looks
 * by itself, and no watcher looks more often than once a second.
 */
export async function* watchTurn(ports: WatchPorts, { caller, id, after, first, left }: Watch): AsyncGenerator<Seen> {
  const listener = ports.live.listen(id);
  left.addEventListener("abort", () => listener.close());
  const now = () => ports.clock.now().getTime();
  const endsAtMs = now() + longestWatchMs;
  const heart = { beatAtMs: now() + heartbeatMs };
  let seenSeq = after;
  let log: TurnLog | null = first;
  let pollMs = betweenReadsMs;
  try {
    while (log !== null) {
      for (const event of log.events) yield { kind: "event", event };
      if (isAtEnd(log)) return;
      seenSeq = log.events.at(-1)?.seq ?? seenSeq;
      pollMs = log.events.length > 0 ? betweenReadsMs : Math.min(pollMs * 1.5, longestPollMs);
      if (log.events.length < pageSize) yield* waitForMore(listener, { now, pollMs, left, heart });
      if (left.aborted || now() >= endsAtMs) return;
      log = await ports.turns.events(caller, id, { after: seenSeq, limit: pageSize });
    }
  } finally {
    listener.close();
  }
}

/** A reader may say that it saw more than there is, and then never sees the last event. */
function isAtEnd({ events, isOver }: TurnLog): boolean {
  return events.some(isTerminalEvent) || (isOver && events.length < pageSize);
}

interface Waiting {
  readonly now: () => number;
  readonly pollMs: number;
  readonly left: AbortSignal;
  /** It goes on from one wait to the next. */
  readonly heart: { beatAtMs: number };
}

/** Until a signal says that there is more, though not before a second has gone by; or until it is time to look anyway. */
async function* waitForMore(listener: Listener, { now, pollMs, left, heart }: Waiting): AsyncGenerator<Seen> {
  const earliestMs = now() + betweenReadsMs;
  const wasOpen = listener.isOpen();
  let readAtMs = now() + (wasOpen ? longestPollMs : pollMs);
  while (now() < readAtMs && !left.aborted) {
    const signal = await listener.next(Math.max(1, Math.min(readAtMs, heart.beatAtMs) - now()));
    const isGone = signal === null && wasOpen && !listener.isOpen();
    if (signal?.kind === "wake" || isGone) readAtMs = Math.min(readAtMs, earliestMs);
    if (signal?.kind === "delta") yield { kind: "delta", delta: signal.delta };
    if (now() >= heart.beatAtMs) {
      heart.beatAtMs = now() + heartbeatMs;
      yield { kind: "still_here" };
    }
  }
}
