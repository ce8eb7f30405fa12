import type { TurnId } from "../../contract/ids.ts";
import { isAtRest, type Turn } from "../../contract/turns.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Listener, Live } from "../../ports/live.ts";
import type { TurnStore } from "../../ports/turns.ts";

interface WaitPorts {
  readonly clock: Clock;
  readonly live: Live;
  readonly turns: Pick<TurnStore, "find">;
}

const firstPauseMs = 100;
const longestPauseMs = 1000;
/** A signal may be lost. */
const longestTrustMs = 5000;

/** The turn as it is once it is over or paused, or when the time is up; null when there is none. */
export async function waitForTurn(ports: WaitPorts, caller: Caller, id: TurnId, seconds: number): Promise<Turn | null> {
  if (seconds === 0) return ports.turns.find(caller, id);
  const listener = ports.live.listen(id);
  try {
    return await lookUntilAtRest(ports, listener, { caller, id, seconds });
  } finally {
    listener.close();
  }
}

interface Wanted {
  readonly caller: Caller;
  readonly id: TurnId;
  readonly seconds: number;
}

async function lookUntilAtRest({ clock, turns }: WaitPorts, listener: Listener, { caller, id, seconds }: Wanted) {
  const now = () => clock.now().getTime();
  const untilMs = now() + seconds * 1000;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const turn = await turns.find(caller, id);
    if (turn === null || isAtRest(turn.status) || now() >= untilMs) return turn;
    const lookAtMs = Math.min(untilMs, now() + (listener.isOpen() ? longestTrustMs : pauseMs));
    while (now() < lookAtMs) {
      const signal = await listener.next(lookAtMs - now());
      if (signal?.kind === "wake" || (signal === null && !listener.isOpen())) break;
    }
  }
}
