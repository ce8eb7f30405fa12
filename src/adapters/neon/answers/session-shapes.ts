import { StepResult } from "../../../contract/step-results.ts";
import type { StoredMemory, UnsummarizedMessage } from "../../../domain/memory/chunk.ts";
import { entryKinds, type OpenCounts, type RegisterEntry, type SummaryRow } from "../../../domain/memory/entry.ts";
import { stepPurposes } from "../../../domain/plan/plan.ts";
import type { StoredTrace } from "../../../domain/plan/traces.ts";
import type { SaidMessage, SessionWindow, StoredWindowSummary } from "../../../domain/turn/said.ts";
import { count, fitting, flag, list, nullable, object, oneOf, type Shape, text } from "./shape.ts";

const said = {
  id: text,
  turn_index: count,
  position: count,
  author: oneOf(["user", "agent", "failed_agent"]),
  agent_key: nullable(text),
  agent_name: nullable(text),
  error_type: nullable(text),
  text,
};

export const saidMessage: Shape<SaidMessage> = object({
  ...said,
  tokens: count,
  token_class: nullable(text),
  is_pinned: flag,
  private_to: nullable(text),
  group_id: nullable(text),
});

const windowSummary: Shape<StoredWindowSummary> = object({
  id: text,
  through_turn_index: count,
  made_at_turn_index: count,
  rendered: text,
  tokens: count,
  token_class: nullable(text),
});

export const sessionWindow: Shape<SessionWindow> = object({
  summary: nullable(windowSummary),
  reads_from_turn_index: count,
  messages: list(saidMessage),
});

export const storedTraceFields = {
  index: count,
  purpose: oneOf(stepPurposes),
  agent_key: text,
  round: count,
  status: text,
  result: nullable(fitting(StepResult)),
};

export const storedTrace: Shape<StoredTrace> = object(storedTraceFields);

const unsummarizedMessage: Shape<UnsummarizedMessage> = object({ ...said, from_offset: count, length: count });

export const summaryFields = {
  id: text,
  version: count,
  through_turn_index: count,
  made_at_turn_index: count,
  cursor: nullable(object({ turn_index: count, position: count, offset: count })),
  text,
  rendered: text,
  tokens: count,
};

const summary: Shape<SummaryRow & { readonly made_at_turn_index: number }> = object(summaryFields);

export const registerEntry: Shape<RegisterEntry> = object({
  id: text,
  kind: oneOf(entryKinds),
  text,
  status: oneOf(["open", "done", "superseded"]),
  author_key: nullable(text),
  source_message_ids: list(text),
  is_pinned: flag,
  order: count,
});

export const openCounts: Shape<OpenCounts> = object({ decision: count, question: count, action: count, fact: count });

export const storedMemory: Shape<StoredMemory> = object({
  previous: nullable(summary),
  entries: list(registerEntry),
  open_counts: openCounts,
  messages: list(unsummarizedMessage),
  has_more: flag,
  through_turn_index: count,
});
