import type { ChunkAudit } from "../context/audit.ts";
import { contextBudget } from "../context/budget.ts";
import type { StoredMessage } from "../context/stored-message.ts";
import { agentOf, type PlannedStep, type TurnPlan } from "../plan/plan.ts";
import type { PromptMessage } from "../speaker/build-prompt.ts";
import { measureText } from "../tokens/estimate.ts";
import type { UnsummarizedMessage } from "./chunk.ts";
import type { RegisterEntry, SummaryRow } from "./entry.ts";
import { planChunk } from "./plan-chunk.ts";

/** What is kept of a call that summed up. */
export interface StoredChunk {
  readonly plan: TurnPlan;
  readonly step: Pick<PlannedStep, "agentKey">;
  readonly audit: { readonly chunk?: ChunkAudit };
  readonly said: readonly StoredMessage[];
  readonly summary: SummaryRow | null;
  readonly entries: readonly RegisterEntry[];
}

/** What the summarizer saw: the pieces that the audit names, beside the entries that it names, fit again as they did. */
export function promptOfChunk({ plan, step, audit, said, summary, entries }: StoredChunk): readonly PromptMessage[] {
  const { pieces } = audit.chunk ?? { pieces: [] };
  const messageById = new Map(said.map((message) => [message.id, message]));
  const messages = pieces.map(({ messageId, from, to }) => {
    const message = messageById.get(messageId);
    if (message === undefined) throw new Error(`the message ${messageId} that was summed up is not there`);
    return toPiece(message, from, to);
  });
  return planChunk({
    room: plan.room,
    previous: summary,
    entries: entries.map((entry) => ({ ...entry, status: "open" as const })),
    messages,
    has_more: false,
    through_turn_index: Number.MAX_SAFE_INTEGER,
    budget: contextBudget({
      modelLimit: agentOf(plan, step.agentKey).context_limit,
      maxOutput: plan.context.maxOutputTokens,
    }),
    tokenCount: (text) => measureText(text).tokens,
  }).promptMessages;
}

function toPiece(message: StoredMessage, from: number, to: number): UnsummarizedMessage {
  const characters = [...message.text];
  return { ...message, text: characters.slice(from, to).join(""), from_offset: from, length: characters.length };
}
