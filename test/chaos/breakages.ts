import type { Breakage } from "./run/break-engine.ts";
import type { Weather } from "./simulation/weather.ts";

/** A broken engine, the weather that shows it, and the kind of violation it must be caught by. */
export interface Bite extends Breakage {
  readonly weather: Partial<Weather>;
  readonly caughtAs: RegExp;
}

export const bites: readonly Bite[] = [
  {
    name: "commits without a fence",
    routine: "pantheon_commit_step",
    right: "s.token <> v_token",
    wrong: "false",
    weather: { stallRate: 0.3 },
    caughtAs: /^(lost|doubled|booked): /,
  },
  {
    name: "claims whatever the lease",
    routine: "pantheon_claim_step",
    right: "greatest(s.lease_until, s.not_before) > now_at",
    wrong: "false",
    weather: { name: "duplicates", queue: { duplicate: { rate: 0.8, after_ms: 100 } } },
    caughtAs: /^doubled: \d+ calls for/,
  },
  {
    name: "commits an ended step again",
    routine: "pantheon_commit_step",
    right: "IF s.status <> 'running' THEN",
    wrong: "IF false THEN",
    weather: { databaseRate: 0.3 },
    caughtAs: /^(surprise|doubled|changed): /,
  },
  {
    name: "writes no letter for the next step",
    routine: "pantheon_end_step",
    right: "AND s.status = 'ready' AND s.step_index = ANY (ended.unblocks)",
    wrong: "AND false",
    weather: {},
    caughtAs: /^stuck: a commit left a turn stuck/,
  },
  {
    name: "books no lost attempt",
    routine: "pantheon_claim_step",
    right: "PERFORM pantheon_book_lost_attempt(t, s, (p->>'lost_id')::uuid);",
    wrong: "",
    weather: { crashRate: 0.2 },
    caughtAs: /^lost: call-\d+ left no trace/,
  },
  {
    name: "books nothing of a cancelled call whose holder is gone",
    routine: "pantheon_sweep",
    right: "PERFORM pantheon_book_unheard(p_limit);",
    wrong: "",
    weather: { meddling: 8, crashRate: 0.2 },
    caughtAs: /^lost: /,
  },
  {
    name: "shows a step what it may not see",
    routine: "pantheon_turn_messages",
    right: "m.position - 1 = ANY (p_sees)",
    wrong: "true",
    weather: { queue: { delay: { rate: 0.4, ms: 30_000 } } },
    caughtAs: /^carried: /,
  },
  {
    name: "leaves a gap in the log",
    routine: "pantheon_emit",
    right: "last_seq + 1",
    wrong: "last_seq + 2",
    weather: {},
    caughtAs: /^log: /,
  },
  {
    name: "hands a session on that it does not hold",
    routine: "pantheon_close_turn",
    right: "p_hands_on AND t.is_active",
    wrong: "p_hands_on",
    weather: { meddling: 8 },
    caughtAs: /^surprise: /,
  },
  {
    name: "sends no letter from the sweep",
    routine: "pantheon_sweep",
    right: "RETURN due;",
    wrong: "RETURN '[]'::jsonb;",
    weather: { queue: { drop: { rate: 0.9 } } },
    caughtAs: /^lost: the schedule never came to rest/,
  },
  {
    name: "charges what gave no result",
    routine: "pantheon_record_calls",
    right: "CASE WHEN m.is_charged THEN",
    wrong: "CASE WHEN true THEN",
    weather: { modelRate: 0.4 },
    caughtAs: /^money: .* was charged|^money: waste/,
  },
  {
    name: "keeps what it holds for a cancelled turn",
    routine: "pantheon_cancel_turn",
    right: "PERFORM pantheon_release(p_turn);",
    wrong: "",
    weather: { meddling: 8 },
    caughtAs: /^money: the hold of/,
  },
  {
    name: "gives back what it has charged",
    routine: "pantheon_settle",
    right: "coalesce(h.units - h.charged_units, 0) - sums.charged",
    wrong: "coalesce(h.units - h.charged_units, 0)",
    weather: {},
    caughtAs: /^money: |^surprise: /,
  },
  {
    name: "tells of a low balance at every charge",
    routine: "pantheon_tell_low_balance",
    right: "IF units >= low OR units + p_charged < low THEN RETURN; END IF;",
    wrong: "",
    weather: {},
    caughtAs: /^webhook: .* was told of a low balance/,
  },
];
