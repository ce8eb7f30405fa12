import type { StepError } from "../contract/turns.ts";
import type { ContextAudit } from "../domain/context/audit.ts";
import type { TurnPlan } from "../domain/turn/plan.ts";
import type { SaidMessage } from "../domain/turn/window.ts";
import type { Letter, NewStep } from "./turns.ts";

export interface ClaimRequest {
  readonly turn: string;
  readonly step: string;
  readonly lease_seconds: number;
  readonly max_attempts: number;
  readonly recent_turns: number;
  /** For the ledger row of an attempt that was lost. */
  readonly lost_id: string;
}

export interface ClaimedStep {
  readonly token: number;
  readonly owner_id: string;
  readonly turn_index: number;
  readonly plan: TurnPlan;
  readonly step: {
    readonly id: string;
    readonly index: number;
    readonly agent_key: string;
    readonly purpose: string;
    readonly round: number;
    readonly waited_seconds: number;
    readonly attempts: number;
    readonly prompt_bound: number | null;
  };
  /** All attempts are used up: the step is to be given up, without a call. */
  readonly is_exhausted: boolean;
  readonly checkpoint: string | null;
  /** The user's message and the outcomes of this turn that the step may see. */
  readonly messages: readonly SaidMessage[];
  readonly history: readonly SaidMessage[];
}

export type Claim =
  | { readonly kind: "unknown" }
  | { readonly kind: "over" | "finished"; readonly letters: readonly Letter[] }
  | { readonly kind: "not_ready" }
  | { readonly kind: "leased"; readonly retry_after_seconds: number }
  | ({ readonly kind: "won"; readonly letters: readonly Letter[] } & ClaimedStep);

/** A ledger row; whole numbers beyond 2^53 travel as text. */
export interface CallRow {
  readonly id: string;
  readonly ordinal: number;
  readonly provider: string;
  readonly model_alias: string;
  readonly provider_model: string;
  readonly request_id: string | null;
  readonly generation_id: string | null;
  readonly fresh_tokens: string;
  readonly cached_tokens: string;
  readonly output_tokens: string;
  readonly cache_write_tokens: string;
  readonly reasoning_tokens: string;
  readonly oe_hundredths: string;
  readonly multiplier_milli: number;
  readonly credit_units: string;
  readonly cost_usd_pico: string | null;
  readonly latency_ms: number;
  readonly status: "ok" | "failed" | "aborted";
  readonly http_status: number | null;
  readonly finish_reason: string | null;
  readonly is_estimated: boolean;
  /** It gave the step its result, and the user pays it. */
  readonly is_charged: boolean;
}

export type StepOutcome =
  | (StepEnd & { readonly outcome: "done"; readonly error: null })
  | (StepEnd & { readonly outcome: "failed"; readonly error: StepError })
  | { readonly outcome: "continue"; readonly checkpoint: string }
  | { readonly outcome: "retry"; readonly retry_after_seconds: number; readonly is_fault: boolean };

interface StepEnd {
  readonly message: OutcomeMessage;
  /** What follows when no other step is open. */
  readonly next: readonly NewStep[];
}

export interface OutcomeMessage {
  readonly id: string;
  readonly text: string;
  readonly tokens: number;
  readonly flags: readonly string[];
}

export type StepCommit = StepOutcome & {
  readonly turn: string;
  readonly step: string;
  readonly token: number;
  readonly calls: readonly CallRow[];
  readonly audit_id: string;
  readonly audit: ContextAudit;
};

export type Committed =
  | { readonly kind: "committed" | "already"; readonly letters: readonly Letter[] }
  | { readonly kind: "fenced" | "cancelled" };

export interface StepStore {
  claim(request: ClaimRequest): Promise<Claim>;
  commit(commit: StepCommit): Promise<Committed>;
  /** Ends an open turn that cannot go on; one that is over or unknown stays as it is. */
  failTurn(turn: string, error: StepError): Promise<readonly Letter[]>;
  sweep(limit: number): Promise<readonly Letter[]>;
}
