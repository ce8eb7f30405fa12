import { randomUUID } from "node:crypto";
import type { SqlBackend, SqlStatement } from "../../src/local/postgres/backend.ts";

/** What one user's books are made of. */
export interface Books {
  readonly owner: string;
  readonly turn: string;
  readonly room: string;
  readonly session: string;
  readonly doneStep: string;
  readonly openStep: string;
  readonly grant: string;
}

export const signupUnits = 100_000_000_000n;
export const givenUnits = 10_000_000_000_000n;
/** Above all that a float can tell apart. */
export const largeUnits = 2n ** 60n + 1n;

export function newBooks(): Books {
  return {
    owner: randomUUID(),
    turn: randomUUID(),
    room: randomUUID(),
    session: randomUUID(),
    doneStep: randomUUID(),
    openStep: randomUUID(),
    grant: randomUUID(),
  };
}

export async function openAccounts(backend: SqlBackend, { owner }: Books): Promise<void> {
  await backend.runBatch([
    { sql: "set local role pantheon_app" },
    { sql: "select pantheon_authenticate_user($1, null, $2)", params: [owner, String(signupUnits)] },
  ]);
}

/**
 * A user with a grant and a turn of two steps: one settled at 70 of a hold of 100, with 5 above it and 9 wasted, one still
 * holding 40. As the engine books it.
 */
export async function keepHonestBooks(backend: SqlBackend): Promise<Books> {
  const books = newBooks();
  await openAccounts(backend, books);
  await backend.runBatch([{ sql: "set local role pantheon_system" }, ...placeOf(books), ...moneyOf(books)]);
  return books;
}

export function placeOf({ owner, turn, room, session }: Books): readonly SqlStatement[] {
  return [
    {
      sql: "insert into rooms (id, owner_id, name, goal, mode) values ($1, $2, 'x', '', 'manual')",
      params: [room, owner],
    },
    {
      sql: "insert into sessions (id, owner_id, room_id, title) values ($1, $2, $3, '')",
      params: [session, owner, room],
    },
    {
      sql: `insert into turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, pending_steps,
        total_steps) values ($1, $2, $3, $4, 1, 'running', true, 'manual', 1, '{}', '{}', 1, 2)`,
      params: [turn, owner, room, session],
    },
  ];
}

function moneyOf(books: Books): readonly SqlStatement[] {
  return [...entriesOf(books), ...holdsOf(books), ...callsOf(books), ...countersOf(books)];
}

function entriesOf({ owner, doneStep, openStep, grant }: Books): readonly SqlStatement[] {
  const settled = { held: -100n, wallet: 30n, revenue: 84n, waste: -9n, variance: -5n };
  return [
    {
      sql: "insert into grants (id, owner_id, granted_by, reason, units) values ($1, $2, $2, 'x', $3)",
      params: [grant, owner, String(givenUnits)],
    },
    move(owner, `grant:${grant}`, "admin_grant", { granted: -givenUnits, wallet: givenUnits }),
    move(owner, "large", "signup_grant", { granted: -largeUnits, wallet: largeUnits }),
    move(owner, `hold:${doneStep}`, "hold", { wallet: -100n, held: 100n }),
    move(owner, `hold:${openStep}`, "hold", { wallet: -40n, held: 40n }),
    move(owner, `settle:${doneStep}:1`, "settle", settled),
  ];
}

function holdsOf({ owner, turn, doneStep, openStep }: Books): readonly SqlStatement[] {
  const sql = `insert into holds (step_id, owner_id, turn_id, units, charged_units, is_open, held_on)
    values ($1, $2, $3, $4, $5, $6, '2026-11-30')`;
  return [
    { sql, params: [doneStep, owner, turn, "100", "70", "false"] },
    { sql, params: [openStep, owner, turn, "40", "0", "true"] },
  ];
}

function callsOf({ owner, turn, room, session, doneStep }: Books): readonly SqlStatement[] {
  const sql = `insert into llm_call_events (id, step_id, turn_id, owner_id, room_id, session_id, attempt, ordinal, fresh_tokens, cached_tokens,
      output_tokens, oe_hundredths, credit_units, charged_units, agent_key, model_alias, purpose, status, is_estimated, provider,
      provider_model, cache_write_tokens, reasoning_tokens, multiplier_milli, pricing_version)
    values (gen_random_uuid(), $1, $2, $3, $4, $5, 1, $6, 0, 0, 0, 0, $7, $8, 'a', 'a', 'agent', $9, false, 'p', 'm', 0, 0, 1000, 'v')`;
  const place = [doneStep, turn, owner, room, session];
  return [
    { sql, params: [...place, "0", "9", "0", "failed"] },
    { sql, params: [...place, "1", "75", "70", "ok"] },
  ];
}

function countersOf({ owner, turn, room, session }: Books): readonly SqlStatement[] {
  const sql =
    "insert into budget_counters (owner_id, scope, scope_key, held_units, spent_units) values ($1, $2, $3, 40, 70)";
  const keyByScope = { day: "2026-11-30", month: "2026-11", room, session, turn };
  return Object.entries(keyByScope).map(([scope, key]) => ({ sql, params: [owner, scope, key] }));
}

function move(owner: string, key: string, reason: string, unitsByKind: Readonly<Record<string, bigint>>): SqlStatement {
  const kinds = Object.keys(unitsByKind);
  return {
    sql: `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
      select $1, $2, e.kind, $3, e.units from unnest($4::text[], $5::bigint[]) as e(kind, units)`,
    params: [key, owner, reason, `{${kinds.join(",")}}`, `{${Object.values(unitsByKind).join(",")}}`],
  };
}
