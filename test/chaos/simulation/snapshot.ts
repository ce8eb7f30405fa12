import * as z from "zod";
import { lowBalanceUnits } from "../../../src/domain/money/low-balance.ts";
import type { ChaosDatabase } from "./chaos-database.ts";
import { Snapshot } from "./snapshot-rows.ts";

const rowsOf = (table: string, order: string) =>
  `(select coalesce(jsonb_agg(to_jsonb(r) order by ${order}), '[]') from ${table} r where r.owner_id = $1)`;

/** How often a charge took the user's money below five credits, by the ledger in the order that it was written in. */
const lowCrossings = `(select count(*) from (
  select sum(o.units) over (order by o.place) as money, o.units, o.reason
  from (select min(l.ctid) as place, min(l.reason) as reason, sum(l.amount_units) as units from ledger_entries l
    where l.owner_id = $1 and l.account_kind in ('wallet', 'held') group by l.operation_key) as o) as moved
  where reason = 'settle' and money < ${lowBalanceUnits} and money - units >= ${lowBalanceUnits})`;

const statement = `select jsonb_build_object(
  'sessions', ${rowsOf("sessions", "r.id")},
  'turns', ${rowsOf("turns", "r.session_id, r.turn_index")},
  'steps', ${rowsOf("turn_steps", "r.turn_id, r.step_index")},
  'messages', ${rowsOf("messages", "r.turn_id, r.position")},
  'events', ${rowsOf("turn_events", "r.turn_id, r.seq")},
  'audits', ${rowsOf("turn_context_audit", "r.turn_id, r.step_index, r.attempt")},
  'summaries', ${rowsOf("session_summaries", "r.session_id, r.version")},
  'entries', ${rowsOf("register_entries", "r.id")},
  'ledger', ${rowsOf("llm_call_events", "r.step_id, r.attempt, r.ordinal")},
  'holds', ${rowsOf("holds", "r.step_id")},
  'accounts', ${rowsOf("accounts", "r.kind")},
  'endpoints', ${rowsOf("webhook_endpoints", "r.id")},
  'deliveries', ${rowsOf("webhook_deliveries", "r.id")},
  'low_crossings', ${lowCrossings},
  'mismatches', ${rowsOf("pantheon_money_mismatches", "r.what")},
  'outbox', ${rowsOf("outbox", "r.target_id")},
  'stuck', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from stuck_turns k join turns t on t.id = k.id where t.owner_id = $1),
  'findings', ${rowsOf("chaos_findings", "r.finding")})`;

export async function takeSnapshot(database: ChaosDatabase, userId: string): Promise<Snapshot> {
  return Snapshot.parse(JSON.parse((await database.read({ sql: statement, params: [userId] })) ?? "null"));
}

const openStatement = `select
  (select count(*) from turns where owner_id = $1 and not pantheon_is_over(status)) +
  (select count(*) from turn_steps where owner_id = $1 and lease_until is not null) +
  (select count(*) from outbox where owner_id = $1)`;

/** How much the database still wants to see done. */
export async function countOpen(database: ChaosDatabase, userId: string): Promise<number> {
  return Number(await database.read({ sql: openStatement, params: [userId] }));
}

const pausedStatement =
  "select coalesce(jsonb_agg(id order by id), '[]') from turns where owner_id = $1 and status = 'paused'";

export async function findPaused(database: ChaosDatabase, userId: string): Promise<readonly string[]> {
  const ids = await database.read({ sql: pausedStatement, params: [userId] });
  return z.array(z.string()).parse(JSON.parse(ids ?? "[]"));
}

const openSummaryStatement =
  "select id from turns where session_id = $1 and mode = 'summary' and finished_at is null order by id limit 1";

/** A summary that is under way beside the conversation. */
export function findOpenSummary(database: ChaosDatabase, sessionId: string): Promise<string | null> {
  return database.read({ sql: openSummaryStatement, params: [sessionId] });
}
