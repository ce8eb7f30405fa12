import { contextBudget } from "../context/budget.ts";
import { goalWithin, instructions, known, summaryFormat } from "./chunk-prompt.ts";
import type { SummaryCursor } from "./entry.ts";
import { chunkSize, minus, sizeOf } from "./fit-text.ts";
import type { SummaryChunk, SummaryGround } from "./ground.ts";
import { takeMessages } from "./take-messages.ts";

/** Whether there is nothing new to summarise. */
export function isNoOp(ground: Pick<SummaryGround, "messages" | "throughTurnIndex">): boolean {
  return !ground.messages.some(({ turn_index }) => turn_index <= ground.throughTurnIndex);
}

/** What one call of the summariser gets to see: what is known, and as many messages as fit beside it, oldest first. */
export function planChunk(ground: SummaryGround): SummaryChunk {
  const { tokenCount } = ground;
  const limits = { modelLimit: ground.modelLimit, maxOutput: ground.maxOutputTokens };
  const free = minus(chunkSize(limits), sizeOf(instructions(ground, ""), tokenCount));
  const system = instructions(ground, goalWithin(ground, free));
  const before = known(ground, free);
  const used = [system, before.text].map((text) => sizeOf(text, tokenCount));
  const taken = takeMessages(ground, used.reduce(minus, chunkSize(limits)));
  const said = taken.pieces.map(({ quoted }) => quoted).join("");
  return {
    promptMessages: [
      { role: "system", content: system },
      { role: "user", content: (before.text + said).trimEnd() },
    ],
    format: summaryFormat,
    maxOutputTokens: contextBudget(limits).outputReserve,
    messages: taken.pieces.map(({ message }) => message),
    refs: new Map([...before.entryIdByRef, ...taken.pieces.map(({ message }) => [message.ref, message.id] as const)]),
    previousText: ground.previous?.text ?? "",
    cursorAfter: taken.cursor,
    throughTurnIndexAfter: throughAfter(ground, taken.cursor),
  };
}

function throughAfter({ previous, throughTurnIndex }: SummaryGround, cursor: SummaryCursor | null): number {
  if (cursor === null) return throughTurnIndex;
  return Math.max(previous?.through_turn_index ?? 0, cursor.turn_index - 1);
}
