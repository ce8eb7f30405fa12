import * as z from "zod";
import { ListQuery } from "../contract/lists.ts";

/** Lists kept in the order of their UUIDv7 ids carry the last id seen. */
export const IdListQuery = ListQuery.extend({ cursor: z.guid().toLowerCase().optional() });

/** Lists kept in the order of a number carry the last one seen. */
export const NumberListQuery = ListQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional(),
});
