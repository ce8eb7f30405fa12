import { PantheonError } from "../../contract/errors.ts";
import type { TurnId } from "../../contract/ids.ts";
import type { DecideCalls } from "../../contract/tools.ts";
import type { Turn } from "../../contract/turns.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { TurnStore } from "../../ports/turns.ts";
import { publishOutbox } from "../engine/publish-outbox.ts";
import { found, notFound } from "../not-found.ts";

interface DecidePorts {
  readonly live: Live;
  readonly log: Log;
  readonly queue: Queue;
  readonly turns: Pick<TurnStore, "decide" | "find">;
}

/** All decisions or none. The same decision again changes nothing, as long as its step still waits for others. */
export async function decideCalls(
  ports: DecidePorts,
  caller: Caller,
  id: TurnId,
  { decisions }: DecideCalls,
): Promise<Turn> {
  const decided = await ports.turns.decide(caller, id, decisions);
  switch (decided.kind) {
    case "missing":
      throw notFound();
    case "unknown":
      throw new PantheonError("conflict", `No tool call ${decided.id} of this turn waits for this decision.`);
    case "decided":
      await Promise.all([publishOutbox(ports, decided.outbox), ports.live.tell(id, { kind: "wake" })]);
  }
  return found(await ports.turns.find(caller, id));
}
