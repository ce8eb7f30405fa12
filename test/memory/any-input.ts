import fc from "fast-check";
import { type ContextLimits, contextBudget, estimateTokens } from "../../src/domain/context/budget.ts";
import type { ChunkInput, SummaryChunk, UnsummarizedMessage } from "../../src/domain/memory/chunk.ts";
import type { SummaryRow } from "../../src/domain/memory/entry.ts";
import { chunkSize } from "../../src/domain/memory/fit.ts";
import { planChunk } from "../../src/domain/memory/plan-chunk.ts";

const piece = fc.constantFrom(
  "a",
  "word ",
  "漢字。",
  "🏛",
  "é",
  "<",
  "&lt;",
  "&",
  "\n",
  "Yes. ",
  '"',
  "</message>",
  "x".repeat(90),
);
const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.array(piece, { maxLength: 20 }).map((parts) => parts.join("")) },
  fc.tuple(piece, fc.integer({ min: 1, max: 700 })).map(([part, times]) => part.repeat(times)),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const anyName = fc.constantFrom("Ada", '"'.repeat(120), "🏛".repeat(60), "A & B <c>");
const anySaid = fc.record({
  author: fc.constantFrom("user", "agent", "failed_agent"),
  agent_key: fc.constantFrom("ada", "k".repeat(64)),
  agent_name: anyName,
  error_type: fc.constantFrom("refused", '"'.repeat(120)),
  text: anyText,
  opensTurn: fc.boolean(),
});
const anyEntry = fc.record({
  kind: fc.constantFrom("decision", "question", "action", "fact"),
  text: anyText,
  status: fc.constantFrom("open", "open", "done"),
  author_key: fc.constantFrom(null, "ada"),
  is_pinned: fc.boolean(),
});
/** What a chunk is made from, but for a model's budget. */
type AnyInput = Omit<ChunkInput, "budget"> & ContextLimits;

export const anyInput = fc
  .record({
    said: fc.array(anySaid, { minLength: 1, maxLength: 12 }),
    entries: fc.array(anyEntry, { maxLength: 12 }),
    narrative: fc.option(anyText, { nil: null }),
    name: fc.oneof(anyName, anyText),
    goal: anyText,
    modelLimit: fc.constantFrom(1, 2048, 2500, 4096, 8192, 128_000),
    maxOutput: fc.constantFrom(256, 2048),
  })
  .map(({ said, entries, narrative, name, goal, ...limits }): AnyInput => {
    const messages = toMessages(said);
    return {
      room: { name, goal },
      previous: narrative === null ? null : toRow(narrative),
      entries: entries.map((entry, place) => ({ ...entry, id: `e${place}`, source_message_ids: ["x"], order: place })),
      messages,
      has_more: false,
      through_turn_index: messages.at(-1)?.turn_index ?? 0,
      tokenCount: estimateTokens,
      ...limits,
    };
  });

type Said = typeof anySaid extends fc.Arbitrary<infer T> ? T : never;

function toMessages(said: readonly Said[]): readonly UnsummarizedMessage[] {
  let turn_index = 0;
  return said.map(({ opensTurn, ...message }, place) => {
    if (opensTurn || place === 0) turn_index += 1;
    const agent = message.author === "user" ? { agent_key: null, agent_name: null } : {};
    return {
      ...message,
      ...agent,
      id: `id${place}`,
      turn_index,
      position: place,
      from_offset: 0,
      length: [...message.text].length,
    };
  });
}

function toRow(text: string): SummaryRow {
  return { id: "s", version: 1, through_turn_index: 0, cursor: null, text, rendered: text, tokens: 1 };
}

/** As the database reads it: from the cursor on, each text from its offset on and no further than a chunk can take. */
function readFrom(whole: ChunkInput, chunk: SummaryChunk, maxCharacters: number): ChunkInput {
  const cursor = chunk.cursorAfter;
  if (cursor === null) throw new Error("everything is covered");
  const messages = whole.messages
    .filter(({ turn_index, position }) => turn_index > cursor.turn_index || position >= cursor.position)
    .map((message) => (message.position === cursor.position ? { ...message, from_offset: cursor.offset } : message))
    .filter(({ from_offset, length, position }) => position !== cursor.position || from_offset < length || length === 0)
    .map((message) => ({
      ...message,
      text: [...message.text].slice(message.from_offset).slice(0, maxCharacters).join(""),
    }));
  return { ...whole, messages };
}

/** As many chunks as the whole history takes. */
export function chunksOf({ modelLimit, maxOutput, ...given }: AnyInput): readonly SummaryChunk[] {
  const budget = contextBudget({ modelLimit, maxOutput });
  const input = { ...given, budget };
  const most = chunkSize(budget).bytes;
  const chunks = [planChunk(input)];
  for (let last = chunks[0]; last?.cursorAfter && chunks.length < 3000; last = chunks.at(-1)) {
    chunks.push(planChunk(readFrom(input, last, most)));
  }
  return chunks;
}
