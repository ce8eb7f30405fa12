import type { TurnId } from "../../contract/ids.ts";
import type { Page } from "../../contract/lists.ts";
import type { TurnEvent } from "../../contract/turn-events.ts";
import type { Caller } from "../../ports/caller.ts";
import type { EventQuery, TurnStore } from "../../ports/turns.ts";
import { found } from "../not-found.ts";

interface ListEventsPorts {
  readonly turns: Pick<TurnStore, "events">;
}

/** A page of a turn's log, from its beginning on. */
export async function listEvents(
  { turns }: ListEventsPorts,
  caller: Caller,
  id: TurnId,
  { after, limit }: EventQuery,
): Promise<Page<TurnEvent>> {
  const { events } = found(await turns.events(caller, id, { after, limit: limit + 1 }));
  const data = events.slice(0, limit);
  const last = events.length > limit ? data.at(-1) : undefined;
  return { data, has_more: last !== undefined, next_cursor: last === undefined ? null : String(last.seq) };
}
