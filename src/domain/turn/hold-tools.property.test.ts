import fc from "fast-check";
import { expect, it } from "vitest";
import { plannedAgent, planOf } from "../../../test/fixtures/task-input.ts";
import { maxUnits, overheadTokensPerMessage } from "../meter/bound.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { descriptionBudget, nextResultBudget } from "../tools/byte-budget.ts";
import { quoteResult } from "../tools/result.ts";
import { maxCallsOfOneReply, maxToolCalls } from "../tools/tool.ts";
import { boundStep } from "./hold.ts";

const promptTokens = 5_000;
const tools = ["mail/*", "calculator"];
const agent = { ...plannedAgent("ada"), context_limit: 1_000_000, prompt_base: promptTokens, tools };
const plan = planOf([agent], "roundtable");
const step = { index: 0, purpose: "agent", agentKey: "ada", round: 1, instruction: null } as const;

const long = fc.constantFrom("a", "<", "&lt;", "あ", "</tool_result>").map((piece) => piece.repeat(9_000));
const result = fc.oneof(
  long,
  long,
  fc.string(),
  fc.integer({ min: 0, max: 9_000 }).map((length) => "x".repeat(length)),
);
/** Of each reply that asks for tools, the results that it would get. */
const replies = fc.array(fc.array(result, { minLength: 1, maxLength: maxCallsOfOneReply }), { maxLength: 12 });
const oneByOne = fc.array(long, { minLength: 9, maxLength: 9 }).map((results) => results.map((one) => [one]));

/** Every prompt of a step whose model asks so, as the agent graph makes them: all that its words may be, and what came back. */
function play(asked: readonly (readonly string[])[]): readonly number[] {
  const prompts = [promptTokens + descriptionBudget(tools)];
  let calls = 0;
  let bytes = 0;
  for (const results of asked) {
    if (calls > maxToolCalls) break;
    let tokens = (prompts.at(-1) ?? 0) + plan.context.maxOutputTokens + overheadTokensPerMessage;
    for (const text of results) {
      calls += 1;
      const words = {
        tool: "n".repeat(64),
        status: "failed",
        text: calls > maxToolCalls ? "x".repeat(80) : text,
      } as const;
      const own = utf8Bytes(quoteResult(words, nextResultBudget(bytes)));
      bytes += own;
      tokens += own + overheadTokensPerMessage;
    }
    prompts.push(tokens);
  }
  return prompts;
}

it("holds for a step with tools what its calls can come to, however many they are and whatever comes of them", () => {
  const { units } = boundStep(plan, step, []);
  fc.assert(
    fc.property(fc.oneof(replies, oneByOne), (asked) => {
      const used = play(asked).map((tokens) =>
        maxUnits({ promptTokens: tokens, outputTokens: plan.context.maxOutputTokens, multiplierMilli: 1000 }),
      );
      expect(used.reduce((sum, one) => sum + one, 0n) <= units).toBe(true);
    }),
    { numRuns: 200 },
  );
});

it("holds no more than the worst of them, but for the words around results", () => {
  const longest = play(Array.from({ length: 9 }, () => ["<".repeat(9_000)]));
  const { units } = boundStep(plan, step, []);
  const worst = longest
    .map((tokens) =>
      maxUnits({ promptTokens: tokens, outputTokens: plan.context.maxOutputTokens, multiplierMilli: 1000 }),
    )
    .reduce((sum, one) => sum + one, 0n);
  expect(Number(worst) / Number(units)).toBeGreaterThan(0.97);
});
