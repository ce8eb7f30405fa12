import fc from "fast-check";
import { encode } from "gpt-tokenizer";
import { describe, expect, test } from "vitest";
import { parseCredits } from "../money/credits.ts";
import { overheadTokensPerMessage, worstCasePromptTokens, worstCaseUnits } from "./bound.ts";
import { creditUnits, oeHundredths } from "./charge.ts";
import { utf8Bytes } from "./utf8.ts";

const anyCall = fc.record({
  promptBytes: fc.nat(10_000_000),
  messageCount: fc.nat(200),
  maxOutputTokens: fc.nat(200_000),
  multiplierMilli: fc.bigInt(0n, 60_000n),
});

describe("the worst case of a call", () => {
  test("every byte and every message's overhead is a fresh token, and every output token is used", () => {
    const call = { promptBytes: 952, messageCount: 2, maxOutputTokens: 650, multiplierMilli: 1000n };
    expect(worstCasePromptTokens(call)).toBe(1000n);
    expect(worstCaseUnits(call)).toBe(parseCredits("0.1"));
  });

  test("no usage within the bounds charges more", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(anyCall, share, share, share, (call, promptShare, cachedShare, outputShare) => {
        const most = Number(worstCasePromptTokens(call));
        const prompt = Math.floor(most * promptShare);
        const cached = Math.floor(prompt * cachedShare);
        const used = {
          freshTokens: BigInt(prompt - cached),
          cachedTokens: BigInt(cached),
          outputTokens: BigInt(Math.floor(call.maxOutputTokens * outputShare)),
        };
        expect(creditUnits(oeHundredths(used), call.multiplierMilli) <= worstCaseUnits(call)).toBe(true);
      }),
    );
  });

  test("the bound is met exactly by a call that uses all of it", () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        const used = {
          freshTokens: worstCasePromptTokens(call),
          cachedTokens: 0n,
          outputTokens: BigInt(call.maxOutputTokens),
        };
        expect(creditUnits(oeHundredths(used), call.multiplierMilli)).toBe(worstCaseUnits(call));
      }),
    );
  });

  test("more bytes, messages or output never cost less", () => {
    fc.assert(
      fc.property(anyCall, anyCall, (left, right) => {
        const larger = {
          promptBytes: Math.max(left.promptBytes, right.promptBytes),
          messageCount: Math.max(left.messageCount, right.messageCount),
          maxOutputTokens: Math.max(left.maxOutputTokens, right.maxOutputTokens),
          multiplierMilli: left.multiplierMilli,
        };
        expect(worstCaseUnits(larger) >= worstCaseUnits(left)).toBe(true);
      }),
    );
  });

  test("a real tokenizer never finds more tokens than the bound", () => {
    const message = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        const tokens = messages.reduce((sum, text) => sum + encode(text).length + overheadTokensPerMessage, 0);
        const promptBytes = messages.reduce((sum, text) => sum + utf8Bytes(text), 0);
        expect(BigInt(tokens) <= worstCasePromptTokens({ promptBytes, messageCount: messages.length })).toBe(true);
      }),
    );
  });
});
