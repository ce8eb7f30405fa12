import type { ContextAudit } from "../context/audit.ts";
import type { RegisterEntry, SummaryRow } from "../memory/entry.ts";
import type { TaskOfCall } from "./prompt-input.ts";
import type { SaidMessage } from "./said.ts";

/** What is kept of a call that was made. */
export interface KeptCall extends TaskOfCall {
  readonly audit: KeptAudit;
  /** The messages that the audit names. */
  readonly said: readonly SaidMessage[];
  readonly summary: SummaryRow | null;
  /** The entries that the audit names. */
  readonly entries: readonly RegisterEntry[];
}

/** Earlier versions kept less. */
export type KeptAudit = Pick<ContextAudit, "includedMessageIds" | "cuts"> &
  Partial<Pick<ContextAudit, "summaryId" | "chunk" | "promptHash">>;
