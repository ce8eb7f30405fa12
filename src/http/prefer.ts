import type { Reply } from "../app/reply.ts";
import { json } from "../app/reply.ts";
import { waitForTurn } from "../app/wait-for-turn.ts";
import { TurnId } from "../contract/ids.ts";
import { isAtRest, isOver, maxWaitSeconds } from "../contract/turns.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ports } from "../ports/ports.ts";

/** RFC 7240: `Prefer: wait=N`; more than we wait is cut, and what makes no sense is passed over, as the RFC says. */
export function wantedWait(header: (name: string) => string | undefined): number {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(header("prefer") ?? "")?.[1];
  return Math.min(Number(seconds ?? 0), maxWaitSeconds);
}

type WaitPorts = Pick<Ports, "clock" | "live" | "turns">;

/** 200 with the turn when it ends in time; else 202, with the turn if it paused and as it was if not. */
export async function answerAsPreferred(
  ports: WaitPorts,
  caller: Caller,
  reply: Reply,
  seconds: number,
): Promise<Reply> {
  if (seconds === 0) return reply;
  const headers = { ...reply.headers, "Preference-Applied": `wait=${seconds}` };
  const id = TurnId.parse((reply.headers.Location ?? "").split("/").at(-1));
  const turn = await waitForTurn(ports, caller, id, seconds);
  if (turn === null || !isAtRest(turn.status)) return { ...reply, headers };
  return json(isOver(turn.status) ? 200 : 202, turn, headers);
}
