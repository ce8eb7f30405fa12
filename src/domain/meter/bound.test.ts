import fc from "fast-check";
import { encode } from "gpt-tokenizer";
import { describe, expect, test } from "vitest";
import { parseCredits } from "../money/credits.ts";
import { maxPromptTokens, maxUnits, overheadTokensPerMessage } from "./bound.ts";
import { creditUnits, oeHundredths } from "./charge.ts";

const anyCall = fc.record({
  promptTokens: fc.nat(10_000_000),
  outputTokens: fc.nat(200_000),
  multiplierMilli: fc.nat(60_000),
});

describe("the most that a call can charge", () => {
  test("every prompt token is fresh, and every output token is used", () => {
    expect(maxUnits({ promptTokens: 1000, outputTokens: 650, multiplierMilli: 1000 })).toBe(parseCredits("0.1"));
  });

  test("every byte and every message's overhead is a token", () => {
    expect(maxPromptTokens([{ content: "é".repeat(400) }, { content: "x".repeat(152) }])).toBe(1000);
  });

  test("no usage within the bounds charges more, and one that uses all of it charges exactly that", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(anyCall, share, share, share, (call, promptShare, cachedShare, outputShare) => {
        const charge = (freshTokens: number, cachedTokens: number, outputTokens: number) => {
          const used = {
            freshTokens: BigInt(freshTokens),
            cachedTokens: BigInt(cachedTokens),
            outputTokens: BigInt(outputTokens),
          };
          return creditUnits(oeHundredths(used), BigInt(call.multiplierMilli));
        };
        const prompt = Math.floor(call.promptTokens * promptShare);
        const cached = Math.floor(prompt * cachedShare);
        const output = Math.floor(call.outputTokens * outputShare);
        expect(charge(prompt - cached, cached, output) <= maxUnits(call)).toBe(true);
        expect(charge(call.promptTokens, 0, call.outputTokens)).toBe(maxUnits(call));
      }),
    );
  });

  test("a real tokenizer never finds more tokens than the bound", () => {
    const message = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        const tokens = messages.reduce((sum, text) => sum + encode(text).length + overheadTokensPerMessage, 0);
        expect(tokens).toBeLessThanOrEqual(maxPromptTokens(messages.map((content) => ({ content }))));
      }),
    );
  });
});
