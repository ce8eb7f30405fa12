import { type SQL, sql } from "drizzle-orm";
import type { SessionId, TurnId } from "../../contract/ids.ts";

export type Ended = { readonly answer: readonly TurnId[] };

const newest = 100;

/** The turns of these sessions that this transaction has ended: they bear its own moment. */
export const endedHere = (sessions: SQL) => sql`
  select coalesce(jsonb_agg(t.id), '[]') as answer from turns t
  where t.session_id = any (${sessions}) and t.status = 'cancelled' and t.finished_at = pantheon_now()`;

/** The same where only one can be, and a session may have had thousands before. */
export const interruptedHere = (session: SessionId) => sql`
  select coalesce(jsonb_agg(t.id), '[]') as answer
  from (select id, status, finished_at from turns where session_id = ${session} order by turn_index desc limit ${newest}) as t
  where t.status = 'cancelled' and t.finished_at = pantheon_now()`;

export function toEnded([row]: readonly Ended[]): readonly TurnId[] {
  return row?.answer ?? [];
}
