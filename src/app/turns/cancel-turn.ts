import { PantheonError } from "../../contract/errors.ts";
import type { TurnId } from "../../contract/ids.ts";
import type { Turn } from "../../contract/turns.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { TurnStore } from "../../ports/turns.ts";
import { publishOutbox } from "../engine/publish-outbox.ts";
import { found, notFound } from "../not-found.ts";

interface CancelPorts {
  readonly live: Live;
  readonly log: Log;
  readonly queue: Queue;
  readonly turns: Pick<TurnStore, "cancel" | "find">;
}

/** Terminal at once; the turn that waited behind it may go. Asked again, it answers the same. */
export async function cancelTurn(ports: CancelPorts, caller: Caller, id: TurnId): Promise<Turn> {
  const cancelled = await ports.turns.cancel(caller, id);
  if (cancelled.kind === "missing") throw notFound();
  if (cancelled.kind === "cancelled")
    await Promise.all([publishOutbox(ports, cancelled.outbox), ports.live.tell(id, { kind: "wake" })]);
  const turn = found(await ports.turns.find(caller, id));
  if (turn.status !== "cancelled") throw new PantheonError("conflict", `The turn is over: it is ${turn.status}.`);
  return turn;
}
