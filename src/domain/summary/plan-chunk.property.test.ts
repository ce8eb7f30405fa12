import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextBudget, estimateTokens } from "../context/budget.ts";
import { mostPromptTokens } from "../meter/bound.ts";
import { utf8Bytes } from "../meter/utf8.ts";
import { chunksNeeded, mostChunkPromptTokens, mostSummaryTokens } from "./chunk-bounds.ts";
import type { RegisterEntry, SummaryRow } from "./entry.ts";
import type { SummaryChunk, SummaryGround, UnsummarizedMessage } from "./ground.ts";
import { planChunk } from "./plan-chunk.ts";
import { chunkSize } from "./size.ts";

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
const anyGround = fc
  .record({
    said: fc.array(anySaid, { minLength: 1, maxLength: 12 }),
    entries: fc.array(anyEntry, { maxLength: 12 }),
    narrative: fc.option(anyText, { nil: null }),
    name: fc.oneof(anyName, anyText),
    goal: anyText,
    modelLimit: fc.constantFrom(1, 2048, 2500, 4096, 8192, 128_000),
    maxOutputTokens: fc.constantFrom(256, 2048),
  })
  .map(({ said, entries, narrative, name, goal, ...limits }): SummaryGround => {
    const messages = toMessages(said);
    return {
      room: { name, goal },
      previous: narrative === null ? null : toRow(narrative),
      entries: entries.map((entry, place) => ({ ...entry, id: `e${place}`, source_message_ids: ["x"], order: place })),
      messages,
      hasMore: false,
      throughTurnIndex: messages.at(-1)?.turn_index ?? 0,
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
function readFrom(whole: SummaryGround, chunk: SummaryChunk, mostCharacters: number): SummaryGround {
  const cursor = chunk.cursorAfter;
  if (cursor === null) throw new Error("everything is covered");
  const messages = whole.messages
    .filter(({ turn_index, position }) => turn_index > cursor.turn_index || position >= cursor.position)
    .map((message) => (message.position === cursor.position ? { ...message, from_offset: cursor.offset } : message))
    .filter(({ from_offset, length, position }) => position !== cursor.position || from_offset < length || length === 0)
    .map((message) => ({
      ...message,
      text: [...message.text].slice(message.from_offset).slice(0, mostCharacters).join(""),
    }));
  return { ...whole, messages };
}

function chunksOf(ground: SummaryGround): readonly SummaryChunk[] {
  const most = chunkSize({ modelLimit: ground.modelLimit, maxOutput: ground.maxOutputTokens }).bytes;
  const chunks = [planChunk(ground)];
  for (let last = chunks[0]; last?.cursorAfter && chunks.length < 3000; last = chunks.at(-1)) {
    chunks.push(planChunk(readFrom(ground, last, most)));
  }
  return chunks;
}

const escaped = (text: string) => utf8Bytes(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
const boundTokens = (message: UnsummarizedMessage) =>
  escaped(message.text) +
  6 * utf8Bytes(message.agent_name ?? "") +
  utf8Bytes(message.agent_key ?? "") +
  6 * utf8Bytes(message.error_type ?? "") +
  64;
const bulkOf = ({ messages }: SummaryGround) => ({
  longestBoundTokens: Math.max(...messages.map(boundTokens)),
  boundTokens: messages.reduce((sum, message) => sum + boundTokens(message), 0),
  messages: messages.length,
});

describe("the chunks of any history", () => {
  test("hold each code point of each message once, in order, and end", () => {
    fc.assert(
      fc.property(anyGround, (ground) => {
        const chunks = chunksOf(ground);
        expect(chunks.at(-1)?.cursorAfter).toBeNull();
        const texts = new Map<string, string>();
        for (const { id, from, to, text } of chunks.flatMap(({ messages }) => messages)) {
          const before = texts.get(id) ?? "";
          expect([from, to - from]).toEqual([[...before].length, [...text].length]);
          texts.set(id, before + text);
        }
        expect([...texts]).toEqual(ground.messages.map(({ id, text }) => [id, text]));
      }),
      { numRuns: 150 },
    );
  });

  test("fit the model's input, the bytes that are held for them, and the chunks that are", () => {
    fc.assert(
      fc.property(anyGround, (ground) => {
        const { modelLimit, maxOutputTokens: maxOutput } = ground;
        const { inputBudget } = contextBudget({ modelLimit, maxOutput });
        const chunks = chunksOf(ground);
        const largest = chunkSize({ modelLimit, maxOutput });
        let bytesInAll = 0;
        for (const { promptMessages, format, maxOutputTokens } of chunks) {
          const contents = promptMessages.map(({ content }) => content);
          expect(contents.reduce((sum, content) => sum + estimateTokens(content), 0)).toBeLessThanOrEqual(inputBudget);
          expect(maxOutputTokens).toBe(contextBudget({ modelLimit, maxOutput }).outputReserve);
          expect(utf8Bytes(contents.join(""))).toBeLessThanOrEqual(largest.bytes);
          const bytes = mostPromptTokens(promptMessages) + utf8Bytes(JSON.stringify(format.schema));
          expect(bytes).toBeLessThanOrEqual(mostChunkPromptTokens(Number.MAX_SAFE_INTEGER, maxOutput, bulkOf(ground)));
          bytesInAll += Math.min(bytes, contextBudget({ modelLimit, maxOutput }).modelLimit);
        }
        const all = mostSummaryTokens(bulkOf(ground), { modelLimit, maxOutput });
        expect(bytesInAll).toBeLessThanOrEqual(all.promptTokens);
        expect(chunks.length).toBeLessThanOrEqual(all.chunks);
      }),
      { numRuns: 150 },
    );
  });

  test("name in their refs exactly what they show", () => {
    fc.assert(
      fc.property(anyGround, (ground) => {
        const open = ground.entries.filter(({ status }) => status === "open").map(({ id }) => id);
        for (const { refs, messages, promptMessages } of chunksOf(ground)) {
          const content = promptMessages[1]?.content ?? "";
          expect(messages.map(({ ref }) => refs.get(ref))).toEqual(messages.map(({ id }) => id));
          expect(messages.filter(({ ref }) => !content.includes(`${ref} (turn `))).toEqual([]);
          const known = [...refs].slice(0, refs.size - messages.length);
          expect(known.filter(([ref, id]) => !open.includes(id) || !content.includes(`${ref}: `))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("never go back, and call a turn covered only when all of it is", () => {
    fc.assert(
      fc.property(anyGround, (ground) => {
        let covered = 0;
        const seen = new Map<string, number>();
        for (const chunk of chunksOf(ground)) {
          for (const { id, to } of chunk.messages) seen.set(id, to);
          expect(chunk.throughTurnIndexAfter).toBeGreaterThanOrEqual(covered);
          covered = chunk.throughTurnIndexAfter;
          const due = ground.messages.filter(({ turn_index }) => turn_index <= covered);
          expect(due.map(({ id }) => seen.get(id))).toEqual(due.map(({ length }) => length));
        }
        expect(covered).toBe(ground.throughTurnIndex);
      }),
      { numRuns: 100 },
    );
  });

  test("hold no quote but their own, whatever was said", () => {
    fc.assert(
      fc.property(anyGround, (ground) => {
        for (const { promptMessages, messages } of chunksOf(ground)) {
          const content = promptMessages[1]?.content ?? "";
          const opened = content.match(/<(?:message|error) /g)?.length ?? 0;
          const closed = content.match(/<\/(?:message|error)>/g)?.length ?? 0;
          expect([opened, closed]).toEqual([messages.length, messages.length]);
          expect(content.match(/</g)?.length).toBe(
            2 * messages.length + 2 * (content.match(/<summary>/g)?.length ?? 0),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  test("get on even where a count leaves no room for a message at all", () => {
    fc.assert(
      fc.property(anyGround, (ground) => {
        const messages = ground.messages.slice(0, 3);
        const chunks = chunksOf({ ...ground, messages, modelLimit: 2048, tokenCount: utf8Bytes });
        expect(chunks.at(-1)?.cursorAfter).toBeNull();
        for (const { promptMessages } of chunks) {
          const bytes = promptMessages.reduce((sum, { content }) => sum + utf8Bytes(content), 0);
          expect(bytes).toBeLessThanOrEqual(chunkSize({ modelLimit: 2048, maxOutput: ground.maxOutputTokens }).bytes);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("a million characters", () => {
  const entries: readonly RegisterEntry[] = [];
  const groundOf = (text: string, modelLimit: number): SummaryGround => ({
    room: { name: text, goal: text },
    previous: toRow(text),
    entries,
    messages: [
      {
        id: "id",
        turn_index: 1,
        position: 0,
        author: "user",
        agent_key: null,
        agent_name: null,
        error_type: null,
        text,
        from_offset: 0,
        length: [...text].length,
      },
    ],
    hasMore: false,
    throughTurnIndex: 1,
    modelLimit,
    maxOutputTokens: 2048,
    tokenCount: estimateTokens,
  });

  test.each(["<", "&lt;", "🏛", "a b. ", "\n"])("of %j cost a chunk no more than the chunk holds", (part) => {
    const text = part.repeat(1_000_000 / part.length);
    let counted = 0;
    const chunk = planChunk({
      ...groundOf(text, 8192),
      tokenCount: (counting) => {
        counted += counting.length;
        return estimateTokens(counting);
      },
    });
    expect(chunk.messages[0]?.to).toBeGreaterThan(500);
    expect(counted).toBeLessThan(100 * chunkSize({ modelLimit: 8192, maxOutput: 2048 }).bytes);
  });

  test("are covered by chunks of a large model, each cut where a sentence ends", () => {
    const text = "It is so. ".repeat(100_000);
    let ground = groundOf(text, 128_000);
    let chunk = planChunk(ground);
    let chunks = 1;
    while (chunk.cursorAfter !== null) {
      expect(chunk.messages[0]?.text.endsWith(".")).toBe(true);
      const from_offset = chunk.cursorAfter.offset;
      ground = {
        ...ground,
        messages: ground.messages.map((message) => ({ ...message, text: text.slice(from_offset), from_offset })),
      };
      chunk = planChunk(ground);
      chunks += 1;
    }
    expect(chunks).toBeLessThanOrEqual(
      chunksNeeded(
        { boundTokens: 1_000_064, longestBoundTokens: 1_000_064, messages: 1 },
        { modelLimit: 128_000, maxOutput: 2048 },
      ),
    );
    expect(chunks).toBeLessThan(20);
  });
});
