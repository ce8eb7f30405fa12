import type { TurnId } from "../contract/ids.ts";
import { isAtRest, type Turn } from "../contract/turns.ts";
import type { Caller } from "../ports/caller.ts";
import type { Clock } from "../ports/clock.ts";
import type { Pause } from "../ports/pause.ts";
import type { TurnStore } from "../ports/turns.ts";

interface WaitPorts {
  readonly clock: Clock;
  readonly pause: Pause;
  readonly turns: Pick<TurnStore, "find">;
}

const firstPauseMs = 100;
const longestPauseMs = 1000;

/** The turn as it is once it is over or paused, or when the time is up; null when there is none. */
export async function waitForTurn(
  { clock, pause, turns }: WaitPorts,
  caller: Caller,
  id: TurnId,
  seconds: number,
): Promise<Turn | null> {
  const until = clock.now().getTime() + seconds * 1000;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const turn = await turns.find(caller, id);
    const left = until - clock.now().getTime();
    if (turn === null || isAtRest(turn.status) || left <= 0) return turn;
    await pause(Math.min(pauseMs, left));
  }
}
