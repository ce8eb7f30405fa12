import * as z from "zod";
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
