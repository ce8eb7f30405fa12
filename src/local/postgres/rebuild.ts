import { createHash } from "node:crypto";
import type { RegisterEntry, SummaryRow } from "../../domain/memory/entry.ts";
import type { PlannedStep, TurnPlan } from "../../domain/plan/plan.ts";
import { type StoredTrace, toTraces } from "../../domain/plan/traces.ts";
import type { PromptMessage } from "../../domain/speaker/build-prompt.ts";
import type { KeptAudit } from "../../domain/turn/kept-call.ts";
import { rebuildPrompt } from "../../domain/turn/rebuild.ts";
import type { SaidMessage } from "../../domain/turn/said.ts";
import type { SqlBackend } from "./backend.ts";

export interface RebuiltCall {
  readonly step: number;
  readonly agent: string;
  readonly attempt: number;
  /** `unsent`: refused, or given up before a call; `lost`: what went in is not all there. */
  readonly outcome: "matches" | "differs" | "unsent" | "lost";
  readonly detail: string;
  readonly prompt: readonly PromptMessage[];
}

/** Every prompt of a turn made again from what is kept of it, and held against the hash of what was sent; null: no such turn. */
export async function rebuildTurn(backend: SqlBackend, turnId: string): Promise<readonly RebuiltCall[] | null> {
  const results = await backend.runBatch(
    [{ sql: "set local role pantheon_system" }, { sql: keptTurn, params: [turnId] }],
    { isolationLevel: "REPEATABLE READ", readOnly: true },
  );
  const kept = results[1]?.rows[0]?.[0];
  if (kept === undefined || kept === null) return null;
  const turn = toTurn(JSON.parse(kept));
  return turn.calls.map((call) => rebuildCall(turn, call));
}

interface Turn {
  readonly id: string;
  readonly plan: TurnPlan;
  readonly steps: readonly StoredTrace[];
  readonly calls: readonly Call[];
}

interface Call {
  readonly attempt: number;
  readonly audit: KeptAudit;
  readonly step: Omit<PlannedStep, "agentKey" | "after" | "sees"> & { readonly agent_key: string };
  readonly current: readonly SaidMessage[];
  readonly said: readonly SaidMessage[];
  readonly summary: SummaryRow | null;
  readonly entries: readonly RegisterEntry[];
}

// The statement below makes exactly this shape.
function toTurn(parsed: unknown): Turn {
  return parsed as Turn;
}

function rebuildCall({ id: seed, plan, steps }: Turn, { step, attempt, audit, ...kept }: Call): RebuiltCall {
  const call = { step: step.index, agent: step.agent_key, attempt, prompt: [] };
  const { promptHash } = audit;
  if (promptHash == null) return { ...call, outcome: "unsent", detail: "" };
  try {
    const spoken = { ...step, agentKey: step.agent_key };
    const prompt = rebuildPrompt({ plan, seed, steps: toTraces(steps), step: spoken, audit, ...kept });
    const hash = createHash("sha256").update(JSON.stringify(prompt)).digest("hex");
    if (hash === promptHash) return { ...call, outcome: "matches", detail: hash, prompt };
    return { ...call, outcome: "differs", detail: `${promptHash} was sent, ${hash} is rebuilt`, prompt };
  } catch (error) {
    return { ...call, outcome: "lost", detail: error instanceof Error ? error.message : String(error) };
  }
}

const keptTurn = `
  select jsonb_build_object('id', t.id, 'plan', t.plan,
    'steps', (select coalesce(jsonb_agg(jsonb_build_object('index', s.step_index, 'purpose', s.purpose, 'agent_key', s.agent_key,
        'round', s.round, 'status', s.status, 'result', s.result) order by s.step_index), '[]') from turn_steps s where s.turn_id = t.id),
    'calls', (select coalesce(jsonb_agg(jsonb_build_object('attempt', a.attempt, 'audit', a.audit,
        'step', jsonb_build_object('index', s.step_index, 'purpose', s.purpose, 'agent_key', s.agent_key, 'round', s.round, 'instruction', s.instruction),
        'current', pantheon_turn_messages(t.id, s.sees),
        'said', (select coalesce(jsonb_agg(pantheon_message_json(m)), '[]') from messages m
          where m.id in (select nullif(i.id, '')::uuid from jsonb_array_elements_text(a.audit->'includedMessageIds') as i(id))),
        'summary', (select to_jsonb(v) from session_summaries v where v.id = (a.audit->>'summaryId')::uuid),
        'entries', (select coalesce(jsonb_agg(to_jsonb(e)), '[]') from (
          select r.*, row_number() over (order by r.id) as "order" from register_entries r
          where r.id in (select i.id::uuid from jsonb_array_elements_text(a.audit->'chunk'->'entryIds') as i(id))) as e))
        order by s.step_index, a.attempt), '[]')
      from turn_context_audit a join turn_steps s on s.turn_id = a.turn_id and s.step_index = a.step_index where a.turn_id = t.id))
  from turns t where t.id = $1::uuid`;
