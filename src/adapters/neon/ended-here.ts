import { type SQL, sql } from "drizzle-orm";
import type { TurnId } from "../../contract/ids.ts";

export type Ended = { readonly answer: readonly TurnId[] };

/** The turns of these sessions that this transaction has ended: they bear its own moment. */
export const endedHere = (sessions: SQL) => sql`
  select coalesce(jsonb_agg(t.id), '[]') as answer from turns t
  where t.session_id = any (${sessions}) and t.status = 'cancelled' and t.finished_at = pantheon_now()`;

export function toEnded([row]: readonly Ended[]): readonly TurnId[] {
  return row?.answer ?? [];
}
