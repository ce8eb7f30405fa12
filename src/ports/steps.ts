import type { StepResult } from "../contract/step-results.ts";
import type { StepError } from "../contract/turns.ts";
import type { ContextAudit } from "../domain/context/audit.ts";
import type { StoredMemory } from "../domain/memory/chunk.ts";
import type { StepPurpose, TurnPlan } from "../domain/plan/plan.ts";
import type { StoredTrace } from "../domain/plan/traces.ts";
import type { SaidMessage, SessionWindow } from "../domain/turn/said.ts";
import type { NewSummary, NewSummaryTurn } from "./memory.ts";
import type { AwaitedCall, ClaimedToolbox, ToolCallRow } from "./toolbox.ts";
import type { NewStep, OutboxMessage } from "./turns.ts";

export interface ClaimRequest {
  readonly turn: string;
  readonly step: string;
  readonly lease_seconds: number;
  readonly max_attempts: number;
  readonly recent_turns: number;
  /** For the ledger row of an attempt that was lost. */
  readonly lost_id: string;
}

interface Claimed {
  readonly token: number;
  readonly owner_id: string;
  readonly session_id: string;
  readonly turn_index: number;
  readonly plan: TurnPlan;
  readonly step: {
    readonly id: string;
    readonly index: number;
    readonly agent_key: string;
    readonly purpose: StepPurpose;
    readonly round: number;
    readonly sees: readonly number[];
    readonly instruction: string | null;
    readonly waited_seconds: number;
    readonly attempts: number;
    readonly prompt_bound: number | null;
  };
  /** All attempts are used up: the step is to be given up, without a call. */
  readonly is_exhausted: boolean;
  readonly checkpoint: string | null;
}

/** A step that speaks in the turn. */
export interface ClaimedCall extends Claimed {
  /** The user's message and the outcomes of this turn that the step may see. */
  readonly messages: readonly SaidMessage[];
  readonly window: SessionWindow;
  /** Null: the agent has no tools. */
  readonly toolbox: ClaimedToolbox | null;
  /** All steps of the turn so far, by index. */
  readonly steps: readonly StoredTrace[];
}

/** A step that sums up what was said before. */
export interface ClaimedSummary extends Claimed {
  readonly unsummarized: StoredMemory;
}

export type ClaimedStep = ClaimedCall | ClaimedSummary;

export type Claim =
  | { readonly kind: "unknown" }
  | { readonly kind: "over" | "finished"; readonly outbox: readonly OutboxMessage[] }
  | { readonly kind: "not_ready" }
  | { readonly kind: "leased"; readonly retry_after_seconds: number }
  | (ClaimedStep & { readonly kind: "won"; readonly outbox: readonly OutboxMessage[] });

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
  /** The user pays it, as far as the step's hold goes. */
  readonly is_charged: boolean;
}

export type StepOutcome =
  | (StepEnd & { readonly outcome: "done"; readonly error: null })
  | (StepEnd & { readonly outcome: "failed"; readonly error: StepError })
  | {
      readonly outcome: "continue";
      readonly checkpoint: string;
      readonly events: readonly StepEvent[];
      readonly summary: NewSummary | null;
    }
  /** It goes on once each of the calls is decided on. */
  | {
      readonly outcome: "await";
      readonly checkpoint: string;
      readonly awaited: readonly AwaitedCall[];
      readonly events: readonly StepEvent[];
    }
  | {
      readonly outcome: "retry";
      readonly retry_after_seconds: number;
      readonly is_fault: boolean;
      /** What went well and need not be repeated; null: all of it is. */
      readonly checkpoint: string | null;
    };

interface StepEnd {
  /** Null: it adds nothing to what was said. */
  readonly message: OutcomeMessage | null;
  readonly result: StepResult | null;
  readonly flags: readonly string[];
  /** What the log tells beside the message or the failure. */
  readonly events: readonly StepEvent[];
  /** What follows when no other step is open. */
  readonly next: readonly NewStep[];
  /** By their index, earlier steps of which one must have said something, or nothing follows; none: it follows anyway. */
  readonly next_needs: readonly number[];
  readonly summary: NewSummary | null;
  /** The summary to begin when the turn ends with this step. */
  readonly after: NewSummaryTurn | null;
}

/** A line for the turn's log; the database adds the step and its speaker. */
export interface StepEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OutcomeMessage {
  readonly id: string;
  readonly text: string;
  readonly tokens: number;
  readonly token_class: string;
}

export type StepCommit = StepOutcome & {
  readonly turn: string;
  readonly step: string;
  readonly token: number;
  readonly calls: readonly CallRow[];
  readonly tool_calls: readonly ToolCallRow[];
  readonly audit_id: string;
  readonly audit: ContextAudit | null;
};

export type Committed =
  | { readonly kind: "committed" | "already" | "cancelled"; readonly outbox: readonly OutboxMessage[] }
  /** The memory of the session has changed since the claim: nothing is written, and this is what it holds now. */
  | { readonly kind: "stale"; readonly unsummarized: StoredMemory }
  | { readonly kind: "fenced" };

export interface StepEngine {
  claim(request: ClaimRequest): Promise<Claim>;
  commit(commit: StepCommit): Promise<Committed>;
  /** Ends an open turn that cannot go on; one that is over or unknown stays as it is. */
  failTurn(turn: string, error: StepError): Promise<readonly OutboxMessage[]>;
  sweep(limit: number): Promise<readonly OutboxMessage[]>;
}
