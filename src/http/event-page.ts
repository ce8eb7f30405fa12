import * as z from "zod";
import { found } from "../app/not-found.ts";
import type { TurnId } from "../contract/ids.ts";
import type { Page } from "../contract/lists.ts";
import type { TurnEvent } from "../contract/turn-events.ts";
import type { Caller } from "../ports/caller.ts";
import type { TurnStore } from "../ports/turns.ts";
import { NumberListQuery } from "./list-query.ts";

/** A log is read from its beginning on, and a page of it may be longer than one of another list. */
export const EventListQuery = NumberListQuery.extend({
  after: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
type EventListQuery = z.infer<typeof EventListQuery>;

/** Where the reader was: a page's own cursor goes before what the reader once said. */
export function firstAfter({ after, cursor }: EventListQuery): number {
  return cursor === undefined ? after : Number(cursor);
}

export async function readEventPage(
  turns: Pick<TurnStore, "events">,
  caller: Caller,
  { id, query }: { readonly id: TurnId; readonly query: EventListQuery },
): Promise<Page<TurnEvent>> {
  const { limit } = query;
  const { events } = found(await turns.events(caller, id, { after: firstAfter(query), limit: limit + 1 }));
  const data = events.slice(0, limit);
  const last = events.length > limit ? data.at(-1) : undefined;
  return { data, has_more: last !== undefined, next_cursor: last === undefined ? null : String(last.seq) };
}
