import { PantheonError } from "../../contract/errors.ts";
import type { TurnId } from "../../contract/ids.ts";
import { isOver, type ResumeTurn, type Turn } from "../../contract/turns.ts";
import { parseCredits } from "../../domain/money/credits.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { TurnStore } from "../../ports/turns.ts";
import { publishOutbox } from "../engine/publish-outbox.ts";
import { found, notFound } from "../not-found.ts";
import { unaffordable } from "./unaffordable.ts";

interface ResumePorts {
  readonly live: Live;
  readonly log: Log;
  readonly queue: Queue;
  readonly turns: Pick<TurnStore, "resume" | "find">;
}

/** A paused turn goes on where it stopped; nothing runs again. Asked again while it goes on, it answers the same. */
export async function resumeTurn(ports: ResumePorts, caller: Caller, id: TurnId, input: ResumeTurn): Promise<Turn> {
  const budget = input.budget === undefined ? null : parseCredits(input.budget);
  const resumed = await ports.turns.resume(caller, id, budget);
  switch (resumed.kind) {
    case "missing":
      throw notFound();
    case "unaffordable":
      throw unaffordable(resumed.refusal);
    case "awaiting_approval":
      throw new PantheonError("conflict", "The turn waits for a decision on tool calls: send it to its approvals.");
    case "not_paused":
      break;
    case "resumed":
      await Promise.all([publishOutbox(ports, resumed.outbox), ports.live.tell(id, { kind: "wake" })]);
  }
  const turn = found(await ports.turns.find(caller, id));
  if (resumed.kind === "not_paused" && isOver(turn.status))
    throw new PantheonError("conflict", `The turn is over: it is ${turn.status}.`);
  return turn;
}
