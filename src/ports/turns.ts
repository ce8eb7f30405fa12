import type { ContextAudit } from "../contract/context-audits.ts";
import type { SessionId, TurnId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type { Message } from "../contract/messages.ts";
import type { Mode } from "../contract/rooms.ts";
import type { DecideCalls } from "../contract/tools.ts";
import type { TurnEvent } from "../contract/turn-events.ts";
import type { OnBusy, StepError, Turn, TurnSummary, Unaffordable } from "../contract/turns.ts";
import type { ContextRejection } from "../domain/context/fit-window.ts";
import type { TurnPlan } from "../domain/plan/plan.ts";
import type { ManagerModel, SeatedAgent } from "../domain/turn/draft.ts";
import type { DraftAudit } from "../domain/turn/oversize.ts";
import type { DraftStep } from "../domain/turn/rounds.ts";
import type { SessionWindow } from "../domain/turn/said.ts";
import type { HistorySize } from "../domain/turn/summary-step.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";

/** What a turn is made from, in one read. */
export interface TurnSnapshot {
  readonly roomId: string;
  readonly room: { readonly name: string; readonly goal: string; readonly mode: Mode };
  /** Null where the room names no model of its own for it. */
  readonly manager: ManagerModel | null;
  readonly turnCount: number;
  readonly pricingVersion: string;
  /** By position. */
  readonly agents: readonly SeatedAgent[];
  /** The turns that are never cut, and the summary of those before them. */
  readonly window: SessionWindow;
  readonly history: HistorySize;
  readonly repliesToCome: number;
  /** A summary is under way. */
  readonly isSummarizing: boolean;
}

/** What a quote is made from, in one read. */
export interface QuoteSnapshot extends TurnSnapshot {
  readonly walletUnits: string;
  /** By the estimate, all of the session's history that the widest of the room's models can read. */
  readonly windowTokens: number;
  readonly windowMessages: number;
}

export interface NewStep extends DraftStep {
  readonly id: string;
}

export interface NewAudit extends DraftAudit {
  readonly id: string;
}

export interface NewTurn {
  readonly id: TurnId;
  readonly session_id: SessionId;
  /** A turn that is refused for its size is kept as failed, with its audit. */
  readonly status: "queued" | "failed";
  readonly on_busy: OnBusy;
  readonly mode: Mode;
  readonly rounds: number;
  readonly plan: TurnPlan;
  readonly metadata: Turn["metadata"];
  readonly budget_units: string | null;
  readonly callback_url: string | null;
  readonly callback_origin: string | null;
  readonly error: StepError | null;
  readonly message: {
    readonly id: string;
    readonly text: string;
    readonly tokens: number;
    readonly token_class: string;
  };
  readonly steps: readonly NewStep[];
  readonly audits: readonly NewAudit[];
  readonly created_at: string;
  readonly per_minute: number;
  readonly per_hour: number;
  /** Why it is refused; goes into the answer, not into the row. */
  readonly rejection: ContextRejection | null;
}

export interface TurnSlot {
  readonly minute_count: number;
  readonly minute_resets_in: number;
  readonly hour_count: number;
  readonly hour_resets_in: number;
}

/** A row of the outbox: what must be told to the queue. */
export interface OutboxMessage {
  readonly kind: "step" | "delivery";
  readonly target: string;
  /** Null for a delivery of what belongs to no turn. */
  readonly turn: string | null;
  readonly generation: number;
  readonly attempt: number;
  readonly delay_seconds: number;
}

export type TurnCreation =
  | { readonly kind: "missing" }
  | { readonly kind: "busy"; readonly turn_id: string }
  | { readonly kind: "rate_limited"; readonly slot: TurnSlot }
  | { readonly kind: "no_endpoint" }
  | { readonly kind: "unaffordable"; readonly refusal: Unaffordable }
  | {
      readonly kind: "created";
      readonly turn_index: number;
      readonly slot: TurnSlot;
      readonly outbox: readonly OutboxMessage[];
      /** The turn that it interrupted, if there was one. */
      readonly interrupted: readonly TurnId[];
    };

export type TurnCancel =
  | { readonly kind: "missing" }
  | { readonly kind: "over" }
  | { readonly kind: "cancelled"; readonly outbox: readonly OutboxMessage[] };

export type TurnResume =
  | { readonly kind: "missing" }
  | { readonly kind: "not_paused" }
  | { readonly kind: "unaffordable"; readonly refusal: Unaffordable }
  | { readonly kind: "awaiting_approval" }
  | { readonly kind: "resumed"; readonly outbox: readonly OutboxMessage[] };

export type CallDecision = DecideCalls["decisions"][number];

export type TurnDecision =
  | { readonly kind: "missing" }
  /** Of the turn no such call waits, or the other was decided. */
  | { readonly kind: "unknown"; readonly id: string }
  | { readonly kind: "decided"; readonly outbox: readonly OutboxMessage[] };

export interface EventQuery {
  readonly after: number;
  readonly limit: number;
}

/** A stretch of a turn's log. */
export interface TurnLog {
  readonly events: readonly TurnEvent[];
  /** The turn was over before they were read: behind the last of them nothing will come. */
  readonly isOver: boolean;
}

export interface TurnStore {
  loadSnapshot(caller: Caller, sessionId: SessionId, recentTurns: number): Promise<TurnSnapshot | null>;
  loadQuoteSnapshot(caller: Caller, sessionId: SessionId, recentTurns: number): Promise<QuoteSnapshot | null>;
  create(caller: Caller, turn: NewTurn, result: StoredResult | null): Promise<TurnCreation>;
  find(caller: Caller, id: TurnId): Promise<Turn | null>;
  list(caller: Caller, sessionId: SessionId, query: ListQuery): Promise<Page<TurnSummary> | null>;
  cancel(caller: Caller, id: TurnId): Promise<TurnCancel>;
  decide(caller: Caller, id: TurnId, decisions: readonly CallDecision[]): Promise<TurnDecision>;
  resume(caller: Caller, id: TurnId, budgetUnits: bigint | null): Promise<TurnResume>;
  events(caller: Caller, id: TurnId, query: EventQuery): Promise<TurnLog | null>;
  context(caller: Caller, id: TurnId): Promise<readonly ContextAudit[] | null>;
  messages(caller: Caller, sessionId: SessionId, query: ListQuery): Promise<Page<Message> | null>;
}
