import type { CreatedTurn } from "../app/turns/create-turn.ts";
import { waitForTurn } from "../app/turns/wait-for-turn.ts";
import { isAtRest, isOver, maxWaitSeconds } from "../contract/turns.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ports } from "../ports/ports.ts";
import { basePath } from "./base-path.ts";
import { rateHeaders } from "./rate-headers.ts";
import { type Render, replayedHeader } from "./render.ts";
import { json, type Rendered } from "./rendered.ts";

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

/** The turn as it is when it ends or pauses in time, and as it was begun if not. */
export async function awaitAsPreferred(
  ports: WaitPorts,
  begun: CreatedTurn,
  { caller, header }: Preferring,
): Promise<CreatedTurn> {
  const seconds = wantedWait(header);
  if (seconds === 0) return begun;
  const turn = await waitForTurn(ports, caller, begun.value.id, seconds);
  return turn === null || !isAtRest(turn.status) ? begun : { ...begun, value: turn };
}

/** 200 once it is over, else 202: it is still at work, or waits for somebody. */
export const begunTurn: Render<CreatedTurn> = ({ value, isReplayed, limits }, { header }) => {
  const headers = { Location: `${basePath}/turns/${value.id}`, ...rateHeaders(limits), ...replayedHeader(isReplayed) };
  return asApplied(json(isOver(value.status) ? 200 : 202, value, headers), header);
};

/** Says which preferences it was answered by: what is over was not answered in the background. */
export function asApplied(rendered: Rendered, header: Header): Rendered {
  const seconds = wantedWait(header);
  const applied = [
    ...(rendered.status === 202 && wantsAsync(header) ? ["respond-async"] : []),
    ...(seconds > 0 ? [`wait=${seconds}`] : []),
  ].join(", ");
  return applied === "" ? rendered : { ...rendered, headers: { ...rendered.headers, "Preference-Applied": applied } };
}
