import type { Reply } from "../app/reply.ts";
import { json } from "../app/reply.ts";
import { waitForTurn } from "../app/wait-for-turn.ts";
import { TurnId } from "../contract/ids.ts";
import { isAtRest, isOver, maxWaitSeconds } from "../contract/turns.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ports } from "../ports/ports.ts";

type Header = (name: string) => string | undefined;

/** RFC 7240: `Prefer: wait=N`; more than we wait is cut, and what makes no sense is passed over, as the RFC says. */
export function wantedWait(header: Header): number {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(header("prefer") ?? "")?.[1];
  return Math.min(Number(seconds ?? 0), maxWaitSeconds);
}

function wantsAsync(header: Header): boolean {
  return /(?:^|[,;\s])respond-async\s*(?:[,;]|$)/i.test(header("prefer") ?? "");
}

type WaitPorts = Pick<Ports, "clock" | "live" | "turns">;

interface Preferring {
  readonly caller: Caller;
  readonly header: Header;
}

/** 200 with the turn when it ends in time; else 202, with the turn if it paused and as it was if not. */
export async function answerAsPreferred(
  ports: WaitPorts,
  reply: Reply,
  { caller, header }: Preferring,
): Promise<Reply> {
  const seconds = wantedWait(header);
  if (seconds === 0) return asApplied(reply, header);
  const id = TurnId.parse((reply.headers.Location ?? "").split("/").at(-1));
  const turn = await waitForTurn(ports, caller, id, seconds);
  if (turn === null || !isAtRest(turn.status)) return asApplied(reply, header);
  return asApplied(json(isOver(turn.status) ? 200 : 202, turn, reply.headers), header);
}

/** Says which preferences it was answered by: what is over was not answered in the background. */
export function asApplied(reply: Reply, header: Header): Reply {
  const seconds = wantedWait(header);
  const applied = [
    ...(reply.status === 202 && wantsAsync(header) ? ["respond-async"] : []),
    ...(seconds > 0 ? [`wait=${seconds}`] : []),
  ].join(", ");
  return applied === "" ? reply : { ...reply, headers: { ...reply.headers, "Preference-Applied": applied } };
}
