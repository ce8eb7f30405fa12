import { describe, expect, test } from "vitest";
import { runAgent } from "../../src/graph/run-agent.ts";
import type { CallRecord, ModelFailureType, ModelGateway, ModelOutcome } from "../../src/ports/model.ts";
import { task } from "./agent-kit.ts";
import { clock } from "./gateway-kit.ts";

const nothingUsed = {
  ...{ freshTokens: 0n, cachedTokens: 0n, outputTokens: 0n, cacheWriteTokens: 0n, reasoningTokens: 0n },
  costUsdPico: null,
  isEstimated: true,
};
const record: CallRecord = {
  ...({ provider: "openrouter", providerModel: "m", requestId: null, generationId: null, latencyMs: 0 } as const),
  ...({ usage: nothingUsed, status: "aborted", httpStatus: null, finishReason: null } as const),
};

const failed = (type: ModelFailureType): ModelOutcome => ({
  kind: "failed",
  failure: { type, message: "It broke.", isTransient: false, retryAfterSeconds: null },
});
const replied: ModelOutcome = { kind: "replied", text: "Yes.", finishReason: "stop" };
const format = { name: "response", schema: { type: "object" } };

/** Says its words where it is let, and ends like that, after so many attempts at the provider. */
function modelOf(words: readonly string[], outcome: ModelOutcome, attempts = 1): ModelGateway {
  return {
    async call(_request, onDelta) {
      for (const word of words) onDelta?.(word);
      return { outcome, calls: Array.from({ length: attempts }, () => record) };
    },
  };
}

describe("a call that a run made", () => {
  test.each<[string, readonly string[], ModelOutcome, { end: string; isShown: boolean }]>([
    ["replied", ["Yes."], replied, { end: "answered", isShown: true }],
    ["replied at once", [], replied, { end: "answered", isShown: false }],
    ["timed out after words", ["Y", "es"], failed("timeout"), { end: "timeout", isShown: true }],
    ["timed out before words", [], failed("timeout"), { end: "timeout", isShown: false }],
    ["was refused", [], failed("refused"), { end: "refused", isShown: false }],
  ])("and that %s says so, and whether words of it were handed on", async (_how, words, outcome, made) => {
    const { calls } = await runAgent({ model: modelOf(words, outcome), clock }, task());
    expect(calls).toEqual([{ ...record, ...made }]);
  });

  test("in a form is shown to nobody", async () => {
    const { calls } = await runAgent({ model: modelOf(["{"], failed("timeout")), clock }, task({ format }));
    expect(calls).toEqual([{ ...record, end: "timeout", isShown: false }]);
  });

  test("with several attempts ended with the last", async () => {
    const { calls } = await runAgent({ model: modelOf(["Yes."], replied, 2), clock }, task());
    expect(calls).toEqual([
      { ...record, end: "provider_unavailable", isShown: false },
      { ...record, end: "answered", isShown: true },
    ]);
  });
});
