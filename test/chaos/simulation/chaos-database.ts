import { type NeonStandIn, startNeon } from "../../../src/local/neon/start.ts";
import type { SqlBackend, SqlStatement } from "../../../src/local/postgres/backend.ts";
import { type RebuiltCall, rebuildTurn } from "../../../src/local/postgres/rebuild.ts";
import { providerModelOf } from "./chaos-model.ts";
import { contextLimitByModel } from "./plot.ts";
import { openQuickPglite } from "./quick-pglite.ts";
import { watcherStatements } from "./watchers.ts";

/** What befalls one request: `fail_after` n of its statements, with the code that Postgres would give. */
export type DatabaseFault =
  | { readonly kind: "refuse" | "reset" | "drop_answer" }
  | { readonly kind: "fail_after"; readonly statements: number; readonly code: string };

export interface ChaosDatabase extends Pick<NeonStandIn, "connectionString" | "fetchEndpoint"> {
  /** The instant that every statement takes for now. */
  setTime(at: Date): void;
  /** Runs an effect whose one request meets this fault. */
  underFault<Value>(fault: DatabaseFault, effect: () => Promise<Value>): Promise<Value>;
  /** The first value of the first row, read past row security. */
  read(statement: SqlStatement): Promise<string | null>;
  /** The prompts of a turn, made again from its audit. */
  rebuild(turnId: string): Promise<readonly RebuiltCall[]>;
  /** Changes the schema or makes rows, as the owner and in one transaction. */
  change(statements: readonly SqlStatement[]): Promise<void>;
  /** As after a fresh start: whatever a schedule left undone disturbs no other. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

interface State {
  nowText: string;
  fault: DatabaseFault | null;
}

const password = "chaos-password";

/** PGlite behind Neon's HTTP with time, faults between statements and watchers of our own. */
export async function openChaosDatabase(): Promise<ChaosDatabase> {
  const backend = await openQuickPglite();
  const state: State = { nowText: "2026-03-02T00:00:00Z", fault: null };
  const neon = await startNeon({ backend: bend(backend, state), password });
  await backend.runBatch(watcherStatements.map((sql) => ({ sql })));
  await backend.runBatch(priceStatements());
  return {
    connectionString: neon.connectionString,
    fetchEndpoint: neon.fetchEndpoint,
    setTime: (at) => {
      state.nowText = at.toISOString();
    },
    underFault: (fault, effect) => underFault(neon, state, { fault, effect }),
    read: async (statement) => (await asSystem(backend, [setNow(state), statement])).at(-1)?.rows[0]?.[0] ?? null,
    rebuild: async (turnId) => (await rebuildTurn(backend, turnId)) ?? [],
    change: async (statements) => void (await backend.runBatch([setNow(state), ...statements])),
    empty: async () => void (await backend.run({ sql: "truncate users, outbox, chaos_findings cascade" })),
    stop: async () => {
      await neon.stop();
      await backend.close();
    },
  };
}

/** A price for each model that is played, all of them the same, in force when a schedule begins. */
function priceStatements(): readonly SqlStatement[] {
  const models = Object.entries(contextLimitByModel).map(([alias, limit]) => ({
    alias,
    limit,
    provider: providerModelOf(alias),
  }));
  return [
    { sql: "select set_config('role', 'pantheon_system', true)" },
    { sql: "insert into pricing_versions (id, effective_at) values ('chaos', '2026-03-01T00:00:00Z')" },
    {
      sql: `insert into model_prices (pricing_version, alias, provider_model, context_limit, multiplier_milli, input_micro_usd_per_million,
          cached_micro_usd_per_million, output_micro_usd_per_million)
        select 'chaos', m.alias, m.provider, m."limit", 1000, 0, 0, 0
        from jsonb_to_recordset($1::jsonb) as m(alias text, provider text, "limit" int)`,
      params: [JSON.stringify(models)],
    },
  ];
}

function asSystem(backend: SqlBackend, statements: readonly SqlStatement[]) {
  return backend.runBatch([{ sql: "select set_config('role', 'pantheon_system', true)" }, ...statements]);
}

function setNow({ nowText }: State): SqlStatement {
  return { sql: "select set_config('chaos.now', $1, true)", params: [nowText] };
}

function bend(backend: SqlBackend, state: State): SqlBackend {
  return {
    ...backend,
    async runBatch(statements, options) {
      const fault = state.fault;
      if (fault?.kind === "refuse") throw new Error("injected refusal");
      const whole = [setNow(state), ...statements];
      const broken =
        fault?.kind === "fail_after" ? [...whole.slice(0, fault.statements + 1), raise(fault.code)] : whole;
      return (await backend.runBatch(broken, options)).slice(1);
    },
  };
}

function raise(code: string): SqlStatement {
  return { sql: `do $$ begin raise exception 'injected' using errcode = '${code}'; end $$` };
}

interface Faulty<Value> {
  readonly fault: DatabaseFault;
  readonly effect: () => Promise<Value>;
}

async function underFault<Value>(neon: NeonStandIn, state: State, { fault, effect }: Faulty<Value>): Promise<Value> {
  const isOfTheStandIn = fault.kind === "reset" || fault.kind === "drop_answer";
  if (isOfTheStandIn) await switchNeon(neon, fault.kind === "reset" ? { down: true } : { drop_answer: 1 });
  state.fault = fault;
  try {
    return await effect();
  } finally {
    state.fault = null;
    if (isOfTheStandIn) await switchNeon(neon, {});
  }
}

async function switchNeon({ url }: NeonStandIn, faults: object): Promise<void> {
  const headers = { authorization: `Bearer ${password}`, "content-type": "application/json" };
  const response = await fetch(`${url}/_faults`, { method: "PUT", headers, body: JSON.stringify(faults) });
  if (!response.ok) throw new Error(`the fault switches were refused: ${await response.text()}`);
}
