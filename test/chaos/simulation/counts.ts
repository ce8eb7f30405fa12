import { isRefused } from "../checks/words-of.ts";
import type { Snapshot, StepRow } from "./snapshot-rows.ts";
import type { World } from "./world-shape.ts";

export type Counts = ReturnType<typeof countAll>;

export function countAll(world: World, snapshot: Snapshot, violations: readonly string[]) {
  const { chronicle, queue } = world;
  const { turns, steps, ledger, summaries } = snapshot;
  const booked = new Set(ledger.map(({ request_id }) => request_id));
  const count = (prefix: string) => violations.filter((violation) => violation.startsWith(prefix)).length;
  return {
    turns: turns.length,
    ...countKinds(snapshot),
    steps: steps.filter(({ status }) => status !== "cancelled").length,
    cancelled_steps: steps.filter(({ status }) => status === "cancelled").length,
    model_calls: chronicle.calls.length,
    summary_calls: chronicle.calls.filter(({ form }) => form === "summary").length,
    stale_commits: chronicle.commits.filter(({ committed }) => committed === "stale").length,
    corrections: summaries.filter(({ step_id }) => step_id === null).length,
    waste_attempts: chronicle.calls.filter(({ requestId }) => !booked.has(requestId)).length,
    lost_rows: ledger.filter(({ status }) => status === "lost").length,
    lost_turns: count("lost:"),
    doubled_rows: count("doubled:"),
    stuck_turns: count("stuck:"),
    violations: violations.length,
    webhooks: chronicle.heard.length,
    low_balances: snapshot.deliveries.filter(({ type }) => type === "wallet.low_balance").length,
    webhook_violations: count("webhook:"),
    pauses: chronicle.pauses,
    charged_steps: snapshot.holds.filter(({ charged_units }) => charged_units > 0n).length,
    money_violations: count("money:"),
    crashes: chronicle.crashes,
    stalls: chronicle.stalls,
    faults: chronicle.faults,
    deliveries: queue.core.stats().attempts + queue.core.stats().duplicated,
    duplicates: queue.core.stats().duplicated,
  };
}

/** How often each kind of thing was played. */
function countKinds({ turns, steps, summaries, audits }: Snapshot) {
  const inMode = (mode: string) => turns.filter((turn) => turn.mode === mode).length;
  const of = (purpose: string) => steps.filter((step) => step.purpose === purpose && step.status !== "cancelled");
  const written = summaries.filter(({ step_id }) => step_id !== null);
  return {
    manual_turns: inMode("manual"),
    roundtable_turns: inMode("roundtable"),
    orchestrator_turns: inMode("orchestrator"),
    council_turns: inMode("council"),
    debate_turns: inMode("debate"),
    summary_turns: inMode("summary"),
    refused_turns: turns.filter(isRefused).length,
    routings: of("route").length,
    evaluations: of("evaluate").length,
    rankings: of("rank").length,
    votes: of("vote").length,
    syntheses: of("synthesize").length,
    summary_steps: of("summarize").length,
    summaries_first: steps.filter((step) => isBeforeTurn(turns, step)).length,
    summaries: written.length,
    unfinished_chunks: written.filter(({ cursor }) => cursor !== null).length,
    fallbacks: steps.filter(({ flags }) => flags.includes("fallback")).length,
    silent_steps: steps.filter(({ flags }) => flags.includes("silent")).length,
    audits: audits.length,
  };
}

/** A turn of the conversation that began by summing up. */
function isBeforeTurn(turns: Snapshot["turns"], { purpose, turn_id }: StepRow): boolean {
  return purpose === "summarize" && turns.some(({ id, mode }) => id === turn_id && mode !== "summary");
}
