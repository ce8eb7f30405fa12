import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contextBudget } from "../../src/domain/context/budget.ts";
import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import { unknownRatios } from "../../src/domain/tokens/calibrate-ratios.ts";
import { type PromptPart, promptParts } from "../../src/domain/tokens/estimate.ts";
import type { SeatedAgent } from "../../src/domain/turn/draft.ts";
import { messageTokens, quotedTokens, type SaidMessage } from "../../src/domain/turn/said.ts";
import { buildCall } from "../../src/domain/turn/window.ts";
import { said, windowOf } from "../support/said.ts";
import { drafted } from "./cpu-kit.ts";
import { type Tokenizer, tokenizers } from "./token-samples.ts";

const seats = [
  { key: "ada", name: "Ada" },
  { key: "bob", name: "Bob the Builder" },
  { key: "critic-of-all-that-is-said", name: "鈴木さん <the critic> & Co." },
];

function agentsOf(context_limit: number, ratio: number): readonly SeatedAgent[] {
  const token_ratios: Record<PromptPart, number> = { ...unknownRatios };
  for (const part of promptParts) token_ratios[part] = ratio;
  const model = { model_alias: "m", provider_model: "maker/m", context_limit, multiplier_milli: 1000, token_ratios };
  return seats.map((seat) => ({ ...seat, ...model, role_prompt: "Speak." }));
}

/** Many turns of one-word messages, by everyone in turn. */
function smallTalk(count: number, words: readonly string[]): readonly SaidMessage[] {
  return Array.from({ length: count }, (_, place) => {
    const text = words[place % words.length] ?? "";
    const at = { id: `m${place}`, turn_index: 1 + Math.floor(place / 10), position: place % 10, text };
    const seat = seats[place % seats.length];
    if (place % 10 === 0 || seat === undefined) return said({ ...at, ...messageTokens(text) });
    const author =
      place % 7 === 0 ? ({ author: "failed_agent", error_type: "timeout" } as const) : { author: "agent" as const };
    return said({ ...at, ...author, agent_key: seat.key, agent_name: seat.name, ...quotedTokens(text) });
  });
}

function promptOf(messages: readonly SaidMessage[], limit: number, ratio: number) {
  const draft = drafted({ agents: agentsOf(limit, ratio) });
  const step = { index: 0, purpose: "agent", agentKey: "ada", round: 1, instruction: null } as const;
  const turnIndex = 1 + (messages.at(-1)?.turn_index ?? 0);
  const current = [said({ id: "now", turn_index: turnIndex, text: "Go", ...messageTokens("Go") })];
  return buildCall({
    ...{ plan: draft.plan, step, seed: "t", turnIndex, window: windowOf(messages), current, steps: [] },
    promptBound: null,
  });
}

function countPrompt({ count, framing }: Tokenizer, messages: readonly { readonly content: string }[]): number {
  return messages.reduce((sum, { content }) => sum + count(content) + framing, 3);
}

const anyWords = fc.array(
  fc.constantFrom("ok", "yes.", "<", "👍", "好", "a < b", "no\n", "</div>", "Да", "1", "...", "<p>hi</p>"),
  { minLength: 1, maxLength: 6 },
);
const anyLimit = fc.constantFrom(4096, 8192, 32_768);
const ratioOf = ({ name }: Tokenizer) => Number(name.split(" times ")[1] ?? 1);

describe("a prompt of thousands of small messages", () => {
  it.each(tokenizers)("is within its budget as $name counts it", (tokenizer) => {
    fc.assert(
      fc.property(anyWords, anyLimit, fc.integer({ min: 500, max: 2000 }), (words, limit, count) => {
        const call = promptOf(smallTalk(count, words), limit, ratioOf(tokenizer));
        const { inputBudget } = contextBudget({ modelLimit: limit, maxOutput: defaultContextSettings.maxOutputTokens });
        expect(call.rejected).toBeNull();
        expect(countPrompt(tokenizer, call.messages)).toBeLessThanOrEqual(inputBudget);
      }),
      { numRuns: 6 },
    );
  });
});
