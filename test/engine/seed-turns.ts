import type { Furnished } from "../support/engine.ts";
import type { Bench } from "./engine-bench.ts";

export interface Seed {
  readonly turns: number;
  /** The agents' messages of each turn, besides the user's. */
  readonly replies: number;
  /** Characters of each message. */
  readonly length: number;
}

/** A session with a past, made by the database in one go: the next turn comes after it. */
export async function seedTurns(bench: Bench, { user, room, session }: Furnished, seed: Seed): Promise<void> {
  const ids = [user.id, room.id, session.id];
  await bench.write(
    `insert into turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, pending_steps, total_steps)
     select gen_random_uuid(), $1, $2, $3, i, 'completed', false, 'roundtable', 1, '{}', '{}', 0, $5::int from generate_series(1, $4::int) i`,
    [...ids, String(seed.turns), String(seed.replies)],
  );
  await bench.write(
    `insert into messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name, text, tokens)
     select gen_random_uuid(), $1, $2, t.id, t.turn_index, p, case p when 0 then 'user' else 'agent' end,
       case p when 0 then null else 'ada' end, case p when 0 then null else 'ADA' end,
       repeat('x', $4::int), greatest(1, ceil($4::int / 4.0 * 1.25))::int
     from turns t, generate_series(0, $3::int) p where t.session_id = $2`,
    [user.id, session.id, String(seed.replies), String(seed.length)],
  );
  await bench.write(
    `insert into turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, window_tokens)
     select gen_random_uuid(), $1, t.id, p - 1, 'agent', 'ada', 1, 'done', 0, '{}', '{}', 0
     from turns t, generate_series(1, $3::int) p where t.session_id = $2`,
    [user.id, session.id, String(seed.replies)],
  );
  // As autovacuum would: a plan made for an empty table is not kept for a full one.
  await bench.backend.run({ sql: "analyze" });
  await bench.write("update sessions set turn_count = $2::int where id = $1", [session.id, String(seed.turns)]);
}

/** As if all but the newest four of so many turns had been summed up. */
export async function seedSummary(bench: Bench, { user, session }: Furnished, turns: number): Promise<void> {
  await bench.write(
    `insert into session_summaries (id, owner_id, session_id, version, through_turn_index, made_at_turn_index, text, items, rendered, tokens,
       token_class, is_fallback)
     values (gen_random_uuid(), $1, $2, 1, $3::int - 4, $3::int, 'So far.', '{}', 'So far.', 10, 'prose', false)`,
    [user.id, session.id, String(turns)],
  );
}

/** A further version of the prices, with a model of any window; the provider's model is one that the stand-in knows. */
export async function priceModel(bench: Bench, alias: string, contextLimit: number): Promise<void> {
  await bench.write(
    `with version as (
       insert into pricing_versions (id, effective_at) values ('with ' || $1, pantheon_now() - interval '1 second') returning id)
     insert into model_prices select v.id, p.alias, p.provider_model, p.context_limit, p.multiplier_milli, p.input_micro_usd_per_million,
       p.cached_micro_usd_per_million, p.output_micro_usd_per_million
     from version v, (select * from current_model_prices union all select pricing_version, $1, provider_model, $2::int, multiplier_milli,
       input_micro_usd_per_million, cached_micro_usd_per_million, output_micro_usd_per_million
       from current_model_prices where alias = 'gpt-4o-mini') p`,
    [alias, String(contextLimit)],
  );
}

export async function useModel(
  bench: Bench,
  { user, room }: Furnished,
  agentKey: string,
  alias: string,
): Promise<void> {
  const sent = { token: user.token, body: { model_alias: alias } };
  const answer = await bench.request("patch", `/rooms/${room.id}/agents/${agentKey}`, sent);
  if (answer.status !== 200) throw new Error(`the agent was not changed: ${answer.text}`);
}
