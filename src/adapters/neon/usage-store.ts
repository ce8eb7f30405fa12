import { type SQL, sql } from "drizzle-orm";
import type { UsageGroup, UsageQuery, UsageRow } from "../../contract/usage.ts";
import { formatOe } from "../../domain/meter/charge.ts";
import { formatCredits } from "../../domain/money/credits.ts";
import { formatPicoUsd } from "../../domain/money/usd.ts";
import type { UsageStore } from "../../ports/usage.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import { flag, list, nullable, type Of, object, text } from "./answers/shape.ts";
import { currentUser, type Database } from "./database.ts";
import { toPage } from "./rows.ts";

const sumRow = object({
  key: text,
  label: nullable(text),
  model_calls: text,
  lost_calls: text,
  fresh_tokens: text,
  cached_tokens: text,
  output_tokens: text,
  oe_hundredths: text,
  charged_units: text,
  cost_usd_pico: nullable(text),
  is_estimated: flag,
});
type SumRow = Of<typeof sumRow>;
const sumAnswer: Answer<readonly SumRow[]> = { from: "the usage", shape: list(sumRow) };

export function createUsageStore(database: Database): UsageStore {
  return {
    async list(caller, query) {
      const [{ rows }] = await database.asCaller(caller, [database.query.execute(sumRows(query))]);
      return toPage(parseAnswer(sumAnswer, rows), query.limit, toUsageRow, (row) => row.key);
    },
  };
}

const dayOf = sql`to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD')`;

const keyByGroup: Readonly<Record<UsageGroup, SQL>> = {
  day: dayOf,
  agent: sql`c.agent_key`,
  model: sql`c.model_alias`,
  room: sql`c.room_id::text`,
  session: sql`c.session_id::text`,
  purpose: sql`c.purpose`,
};

const labelByGroup: Readonly<Partial<Record<UsageGroup, SQL>>> = {
  room: sql`(select r.name from rooms r where r.id = sums.key::uuid)`,
  session: sql`(select s.title from sessions s where s.id = sums.key::uuid)`,
};

// A lost attempt is booked at its bound, which says nothing of what was used: it is counted, and summed nowhere.
function sumRows(query: UsageQuery): SQL {
  const order = query.group_by === "day" ? sql`desc` : sql`asc`;
  return sql`
    select sums.*, ${labelByGroup[query.group_by] ?? sql`null::text`} as label from (
      select ${keyByGroup[query.group_by]} collate "C" as key,
        (count(*) filter (where c.status <> 'lost'))::text as model_calls,
        (count(*) filter (where c.status = 'lost'))::text as lost_calls,
        ${sumOf("fresh_tokens")}, ${sumOf("cached_tokens")}, ${sumOf("output_tokens")}, ${sumOf("oe_hundredths")},
        sum(c.charged_units)::text as charged_units,
        (sum(c.cost_usd_pico) filter (where c.status <> 'lost'))::text as cost_usd_pico,
        coalesce(bool_or(c.is_estimated) filter (where c.status <> 'lost'), false) as is_estimated
      from llm_call_events c
      where c.owner_id = ${currentUser} ${within(query)}
      group by 1 order by 1 ${order} limit ${query.limit + 1}
    ) as sums order by sums.key ${order}`;
}

type Counted = "fresh_tokens" | "cached_tokens" | "output_tokens" | "oe_hundredths";

function sumOf(column: Counted): SQL {
  return sql.raw(`coalesce(sum(c.${column}) filter (where c.status <> 'lost'), 0)::text as ${column}`);
}

function within({ group_by, from, to, cursor }: UsageQuery): SQL {
  const conditions = [
    from === undefined ? sql`` : sql`and c.created_at >= ${from}::timestamptz`,
    to === undefined ? sql`` : sql`and c.created_at < ${to}::timestamptz`,
    cursor === undefined ? sql`` : afterCursor(group_by, cursor),
  ];
  return sql.join(conditions, sql` `);
}

/** Days go back in time, so that the index passes over those already seen. */
function afterCursor(group: UsageGroup, cursor: string): SQL {
  return group === "day"
    ? sql`and c.created_at < ${`${cursor}T00:00:00Z`}::timestamptz`
    : sql`and (${keyByGroup[group]}) collate "C" > ${cursor}`;
}

function toUsageRow(row: SumRow): UsageRow {
  return {
    key: row.key,
    label: row.label,
    model_calls: Number(row.model_calls),
    lost_calls: Number(row.lost_calls),
    fresh_tokens: Number(row.fresh_tokens),
    cached_tokens: Number(row.cached_tokens),
    output_tokens: Number(row.output_tokens),
    oe: formatOe(BigInt(row.oe_hundredths)),
    credits: formatCredits(BigInt(row.charged_units)),
    cost_usd: row.cost_usd_pico === null ? null : formatPicoUsd(BigInt(row.cost_usd_pico)),
    is_estimated: row.is_estimated,
  };
}
