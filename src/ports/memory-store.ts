import type { MessageId, RegisterEntryId, RoomId, SessionId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type { RegisterEntry, SessionSummary } from "../contract/memory.ts";
import type { Message } from "../contract/messages.ts";
import type { Unaffordable } from "../contract/turns.ts";
import type { StoredMemory } from "../domain/memory/chunk.ts";
import type { UnsummarizedBulk } from "../domain/memory/chunk-bounds.ts";
import type { ManagerModel, SeatedAgent } from "../domain/turn/draft.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";
import type { NewSummary, NewSummaryTurn } from "./memory.ts";
import type { OutboxMessage } from "./turns.ts";

export interface RegisterQuery extends ListQuery {
  readonly kind?: RegisterEntry["kind"] | undefined;
  readonly status?: RegisterEntry["status"] | undefined;
  readonly pinned?: boolean | undefined;
}

/** What a correction is made from, in one read. */
export interface EntrySnapshot {
  readonly entry: RegisterEntry;
  readonly previous: (NonNullable<StoredMemory["previous"]> & { readonly is_fallback: boolean }) | null;
  readonly entries: StoredMemory["entries"];
  readonly open_counts: StoredMemory["open_counts"];
}

export interface Revision {
  readonly sessionId: SessionId;
  /** What the answer shows. */
  readonly entryId: RegisterEntryId;
  readonly summary: NewSummary;
}

export type Revised = { readonly kind: "stale" } | { readonly kind: "written"; readonly entry: RegisterEntry };

/** What a summary on demand is made from, in one read. */
export interface SummarizeSnapshot {
  readonly roomId: RoomId;
  readonly room: { readonly name: string; readonly goal: string };
  readonly manager: ManagerModel | null;
  readonly agents: readonly SeatedAgent[];
  readonly pricingVersion: string;
  /** The summary in force. */
  readonly summary: SessionSummary | null;
  /** The turn that is making one. */
  readonly underWay: string | null;
  /** The last turn before the first that is not over. */
  readonly throughTurnIndex: number;
  /** Null: too much to count it. */
  readonly bulk: UnsummarizedBulk | null;
}

export interface SummaryTurn extends NewSummaryTurn {
  readonly created_at: string;
}

export type SummaryBeginning =
  | { readonly kind: "missing" }
  /** Another summary was written since the read. */
  | { readonly kind: "stale" }
  | { readonly kind: "busy"; readonly turn_id: string }
  | { readonly kind: "unaffordable"; readonly refusal: Unaffordable }
  | { readonly kind: "begun"; readonly turn_index: number; readonly outbox: readonly OutboxMessage[] };

export interface PinChange {
  readonly isPinned: boolean;
  readonly maxPinned: number;
}

export type Pinning =
  | { readonly kind: "missing" | "unheard" | "too_many" }
  | { readonly kind: "done"; readonly message: Message };

export interface MemoryStore {
  /** The one in force, or one of the versions before. */
  findSummary(caller: Caller, sessionId: SessionId, version: number | null): Promise<SessionSummary | null>;
  listOfSession(caller: Caller, id: SessionId, query: RegisterQuery): Promise<Page<RegisterEntry> | null>;
  listOfRoom(caller: Caller, id: RoomId, query: RegisterQuery): Promise<Page<RegisterEntry> | null>;
  loadEntry(caller: Caller, id: RegisterEntryId): Promise<EntrySnapshot | null>;
  revise(caller: Caller, revision: Revision): Promise<Revised>;
  loadSummarizeSnapshot(caller: Caller, id: SessionId): Promise<SummarizeSnapshot | null>;
  beginSummary(
    caller: Caller,
    sessionId: SessionId,
    turn: SummaryTurn,
    result: StoredResult | null,
  ): Promise<SummaryBeginning>;
  pin(caller: Caller, id: MessageId, change: PinChange): Promise<Pinning>;
}
