import { sql } from "drizzle-orm";
import type { AccountTotals, Grant, PeriodQuery, PlatformUsage, PlatformWaste } from "../../contract/admin.ts";
import { GrantId, UserId } from "../../contract/ids.ts";
import { formatCredits, parseCredits } from "../../domain/money/credits.ts";
import { formatPicoUsd } from "../../domain/money/usd.ts";
import type { AdminStore } from "../../ports/admin.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import { list, nullable, type Of, object, text } from "./answers/shape.ts";
import type { Database } from "./database.ts";
import { storeResult } from "./idempotency-store.ts";
import { toInstant, toPage } from "./rows.ts";

const grantRow = object({ id: text, owner_id: text, granted_by: text, reason: text, units: text, created_at: text });
type GrantRow = Of<typeof grantRow>;
const grantAnswer: Answer<readonly GrantRow[]> = { from: "pantheon_admin_grants", shape: list(grantRow) };

const usageRow = object({
  period_start: text,
  active_users: text,
  model_calls: text,
  lost_calls: text,
  fresh_tokens: text,
  cached_tokens: text,
  output_tokens: text,
  metered_units: text,
  charged_units: text,
  cost_usd_pico: nullable(text),
});
type UsageRow = Of<typeof usageRow>;
const usageAnswer: Answer<readonly UsageRow[]> = { from: "pantheon_admin_usage", shape: list(usageRow) };

const wasteRow = object({
  period_start: text,
  waste_units: text,
  variance_units: text,
  lost_calls: text,
  failed_calls: text,
});
type WasteRow = Of<typeof wasteRow>;
const wasteAnswer: Answer<readonly WasteRow[]> = { from: "pantheon_admin_waste", shape: list(wasteRow) };

const accountRow = object({ kind: text, units: text });
type AccountRow = Of<typeof accountRow>;
const accountAnswer: Answer<readonly AccountRow[]> = { from: "pantheon_admin_accounts", shape: list(accountRow) };

export function createAdminStore(database: Database): AdminStore {
  const { query } = database;
  return {
    async grant(caller, grant, result) {
      await database.asCaller(caller, [query.execute(grantStatement(grant)), storeResult(query, result)]);
    },
    async grants(caller, { limit, cursor, user_id }) {
      const select = sql`select * from pantheon_admin_grants(${user_id ?? null}::uuid, ${cursor ?? null}::uuid, ${limit + 1}::int)`;
      const [{ rows }] = await database.asCaller(caller, [query.execute(select)]);
      return toPage(parseAnswer(grantAnswer, rows), limit, toGrant, (grant) => grant.id);
    },
    async usage(caller, period) {
      const select = sql`select * from pantheon_admin_usage(${spanOf(period)})`;
      const [{ rows }] = await database.asCaller(caller, [query.execute(select)]);
      return toPage(parseAnswer(usageAnswer, rows), period.limit, toUsage, (usage) => usage.period_start);
    },
    async waste(caller, period) {
      const select = sql`select * from pantheon_admin_waste(${spanOf(period)})`;
      const [{ rows }] = await database.asCaller(caller, [query.execute(select)]);
      return toPage(parseAnswer(wasteAnswer, rows), period.limit, toWaste, (waste) => waste.period_start);
    },
    async accounts(caller) {
      const select = sql`select * from pantheon_admin_accounts()`;
      const [{ rows }] = await database.asCaller(caller, [query.execute(select)]);
      return toTotals(parseAnswer(accountAnswer, rows));
    },
  };
}

function grantStatement({ id, user_id, reason, credits, created_at }: Grant) {
  const units = parseCredits(credits).toString();
  return sql`select pantheon_admin_grant(${id}::uuid, ${user_id}::uuid, ${reason}, ${units}::bigint, ${created_at}::timestamptz)`;
}

/** Periods go back in time, so that a page ends where the last one began. */
function spanOf({ period, from, to, cursor, limit }: PeriodQuery) {
  const ends = [to, cursor].flatMap((end) => (end === undefined ? [] : [new Date(end)]));
  const before = ends.sort((a, b) => a.getTime() - b.getTime())[0]?.toISOString() ?? null;
  return sql`${period}, ${from ?? null}::timestamptz, ${before}::timestamptz, ${limit + 1}::int`;
}

function toGrant(row: GrantRow): Grant {
  return {
    id: GrantId.parse(row.id),
    user_id: UserId.parse(row.owner_id),
    credits: formatCredits(BigInt(row.units)),
    reason: row.reason,
    granted_by: UserId.parse(row.granted_by),
    created_at: toInstant(row.created_at),
  };
}

function toUsage(row: UsageRow): PlatformUsage {
  return {
    period_start: row.period_start,
    active_users: Number(row.active_users),
    model_calls: Number(row.model_calls),
    lost_calls: Number(row.lost_calls),
    fresh_tokens: Number(row.fresh_tokens),
    cached_tokens: Number(row.cached_tokens),
    output_tokens: Number(row.output_tokens),
    credits_metered: formatCredits(BigInt(row.metered_units)),
    credits_charged: formatCredits(BigInt(row.charged_units)),
    cost_usd: row.cost_usd_pico === null ? null : formatPicoUsd(BigInt(row.cost_usd_pico)),
  };
}

function toWaste(row: WasteRow): PlatformWaste {
  return {
    period_start: row.period_start,
    waste_credits: formatCredits(BigInt(row.waste_units)),
    variance_credits: formatCredits(BigInt(row.variance_units)),
    lost_calls: Number(row.lost_calls),
    failed_calls: Number(row.failed_calls),
  };
}

function toTotals(rows: readonly AccountRow[]): AccountTotals {
  const unitsOf = (kind: string) => BigInt(rows.find((row) => row.kind === kind)?.units ?? "0");
  return {
    totals: {
      wallet: formatCredits(unitsOf("wallet")),
      held: formatCredits(unitsOf("held")),
      revenue: formatCredits(unitsOf("revenue")),
      granted: formatCredits(unitsOf("granted")),
      waste: formatCredits(unitsOf("waste")),
      variance: formatCredits(unitsOf("variance")),
    },
    sum: formatCredits(rows.reduce((sum, { units }) => sum + BigInt(units), 0n)),
  };
}
