import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { estimateTokens } from "../../src/domain/context/budget.ts";
import type { FaultSwitchesInput } from "../../src/local/openrouter/fault-switches.ts";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import type { ModelFailureType, ModelResult } from "../../src/ports/model.ts";
import { holdDeadlines, untilCallHangs } from "../support/held-deadlines.ts";
import { apiKey, billed, gatewayTo, nothingBilled, request } from "./gateway-kit.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

async function callUntilTimeIsUp(): Promise<ModelResult> {
  const deadlines = holdDeadlines(request().timeoutMs);
  onTestFinished(deadlines.restore);
  const result = call();
  await untilCallHangs(router);
  deadlines.expire();
  return result;
}

const call = (...args: Parameters<typeof request>) => gatewayTo(router.baseUrl).call(request(...args));

const promptEstimate = BigInt(estimateTokens("You are Ada.") + estimateTokens("Why is the sky blue?"));

describe("a call that succeeds", () => {
  test("gives the text, its deltas in order and one record with the provider's own figures", async () => {
    router.setScript([{ text: "Because of Rayleigh scattering." }]);
    const deltas: string[] = [];
    const { outcome, calls } = await gatewayTo(router.baseUrl).call(request(), (text) => deltas.push(text));
    expect(outcome).toEqual({ kind: "replied", text: "Because of Rayleigh scattering.", finishReason: "stop" });
    expect(deltas).toEqual(["Because", " of", " Rayleigh", " scattering."]);
    expect(calls).toEqual([
      {
        provider: "openrouter",
        providerModel: "openai/gpt-4o-mini",
        requestId: null,
        generationId: router.requests()[0]?.generation_id,
        usage: billed(router),
        latencyMs: expect.any(Number),
        status: "ok",
        httpStatus: 200,
        finishReason: "stop",
      },
    ]);
    expect(calls[0]?.usage.isEstimated).toBe(false);
  });

  test("sends the messages as they are, streamed, with the output limit and without a hidden retry", async () => {
    await call();
    expect(router.requests()).toHaveLength(1);
    expect(router.requests()[0]).toMatchObject({
      stream: true,
      messages: [
        { role: "system", content: "You are Ada." },
        { role: "user", content: "Why is the sky blue?" },
      ],
      body: { model: "openai/gpt-4o-mini", max_tokens: 300, stream_options: { include_usage: true } },
    });
  });

  test.each(["usage_with_choices", "usage_repeated"] as const)("meters once through %s", async (fault) => {
    router.setFaults({ [fault]: {} });
    const { outcome, calls } = await call();
    expect(outcome.kind).toBe("replied");
    expect(calls).toMatchObject([{ usage: billed(router), status: "ok" }]);
  });

  test("meters cached and reasoning tokens from the wire, and a cost to its last digit", async () => {
    const usage = {
      prompt_tokens: 1000,
      completion_tokens: 40,
      prompt_tokens_details: { cached_tokens: 768, cache_write_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 7 },
      cost: 0.000123456789,
    };
    router.setScript([{ text: "Yes.", usage }]);
    const { calls } = await call();
    expect(calls[0]?.usage).toEqual({
      freshTokens: 232n,
      cachedTokens: 768n,
      outputTokens: 40n,
      cacheWriteTokens: 5n,
      reasoningTokens: 7n,
      costUsdPico: 123_456_789n,
      isEstimated: false,
    });
  });

  test("estimates, and says so, when the provider sends no usage", async () => {
    router.setFaults({ usage_missing: {} });
    router.setScript([{ text: "Because of scattering." }]);
    const { outcome, calls } = await call();
    expect(outcome.kind).toBe("replied");
    expect(calls[0]?.usage).toMatchObject({
      freshTokens: promptEstimate,
      outputTokens: BigInt(estimateTokens("Because of scattering.")),
      costUsdPico: null,
      isEstimated: true,
    });
  });

  test("a listener that throws loses the deltas and not the reply", async () => {
    router.setScript([{ text: "Still here." }]);
    const { outcome } = await gatewayTo(router.baseUrl).call(request(), () => {
      throw new Error("the listener is gone");
    });
    expect(outcome).toMatchObject({ kind: "replied", text: "Still here." });
  });

  test("a long answer is metered whole although it is not kept whole", async () => {
    router.setFaults({ long_reply: { words: 2000 } });
    const { outcome, calls } = await call({ maxOutputTokens: 10_000 });
    expect(outcome).toMatchObject({ kind: "replied", finishReason: "stop" });
    expect(calls).toMatchObject([{ usage: billed(router), status: "ok", finishReason: "stop" }]);
  });

  test("a reply cut by the output limit says so", async () => {
    router.setFaults({ long_reply: { words: 500 } });
    const { outcome } = await call({ maxOutputTokens: 20 });
    expect(outcome).toMatchObject({ kind: "replied", finishReason: "length" });
  });
});

interface Refusal {
  readonly faults: FaultSwitchesInput;
  readonly type: ModelFailureType;
  readonly isTransient: boolean;
  readonly status: number;
  readonly retryAfterSeconds?: number;
}

describe("a call refused by its status", () => {
  const refusals: readonly Refusal[] = [
    { faults: { bad_request: {} }, type: "refused", isTransient: false, status: 400 },
    { faults: { unauthorized: {} }, type: "refused", isTransient: false, status: 401 },
    { faults: { payment_required: {} }, type: "refused", isTransient: false, status: 402 },
    { faults: { moderated: {} }, type: "refused", isTransient: false, status: 403 },
    {
      faults: { rate_limited: { retry_after_seconds: 17 } },
      type: "rate_limited",
      isTransient: true,
      status: 429,
      retryAfterSeconds: 17,
    },
    { faults: { server_error: { status: 500 } }, type: "provider_unavailable", isTransient: true, status: 500 },
    {
      faults: { server_error: { status: 503, retry_after_seconds: 4 } },
      type: "provider_unavailable",
      isTransient: true,
      status: 503,
      retryAfterSeconds: 4,
    },
  ];

  test.each(refusals)("$status is $type and costs nothing", async (refusal) => {
    router.setFaults(refusal.faults);
    const { outcome, calls } = await call();
    expect(outcome).toEqual({
      kind: "failed",
      failure: {
        type: refusal.type,
        message: expect.stringContaining(`status ${refusal.status}`),
        isTransient: refusal.isTransient,
        retryAfterSeconds: refusal.retryAfterSeconds ?? null,
      },
    });
    expect(calls).toMatchObject([
      { status: "failed", httpStatus: refusal.status, usage: { ...nothingBilled, isEstimated: false } },
    ]);
    expect(router.stats().attempts).toBe(1);
  });

  test("an unknown model is refused", async () => {
    expect(failureOf(await call({ providerModel: "nobody/nothing" }))).toMatchObject({
      type: "refused",
      message: "The model's provider refused the request (status 400: nobody/nothing is not a valid model ID).",
    });
  });

  test("the provider's words are cut to 200 characters on one line, without the key", async () => {
    router.setFaults({ bad_request: { message: `${apiKey}\n\u0000<b>Bearer abcdefghij</b> ${"long ".repeat(100)}` } });
    const { message } = failureOf(await call());
    expect(message).toMatch(/^The model's provider refused the request \(status 400: \[key\] \[key\] long [^\n]*\)\.$/);
    expect(message.length).toBeLessThan(270);
  });
});

describe("a call that breaks", () => {
  test("a reset before any answer is unavailable, and its cost is unknown", async () => {
    router.setFaults({ reset_before_headers: {} });
    const result = await call();
    expect(failureOf(result)).toMatchObject({ type: "provider_unavailable", isTransient: true });
    expect(result.calls).toMatchObject([
      { status: "failed", httpStatus: null, usage: { freshTokens: 0n, outputTokens: 0n, isEstimated: true } },
    ]);
  });

  test("a provider that is not there is unavailable, with a record of the attempt", async () => {
    const result = await gatewayTo("http://127.0.0.1:9/api/v1").call(request());
    expect(failureOf(result)).toMatchObject({ type: "provider_unavailable", isTransient: true });
    expect(result.calls).toMatchObject([{ status: "failed", httpStatus: null, generationId: null }]);
  });

  test.each(["reset", "end"] as const)("a stream cut by %s is never a reply, and its words are counted", async (by) => {
    router.setFaults({ cut_stream: { after_chunks: 3, by } });
    router.setScript([{ text: "One two three four." }]);
    const result = await call();
    expect(failureOf(result)).toMatchObject({ type: "cut_stream", isTransient: true });
    expect(result.calls).toMatchObject([
      {
        status: "failed",
        httpStatus: 200,
        generationId: router.requests()[0]?.generation_id,
        usage: { freshTokens: promptEstimate, isEstimated: true, costUsdPico: null },
      },
    ]);
    expect(result.calls[0]?.usage.outputTokens).toBeGreaterThan(0n);
  });

  test("a stream cut before its first word is cut too", async () => {
    router.setFaults({ cut_stream: { after_chunks: 0, by: "end" } });
    expect(failureOf(await call()).type).toBe("cut_stream");
  });

  test("half an event at the end is a cut stream", async () => {
    router.setFaults({ truncated_json: { after_chunks: 3 } });
    expect(failureOf(await call()).type).toBe("cut_stream");
  });

  test.each([
    [502, "provider_unavailable", true],
    [429, "rate_limited", true],
    [400, "refused", false],
  ] as const)("an error %i amid the stream is %s", async (code, type, isTransient) => {
    router.setFaults({ error_mid_stream: { after_chunks: 3, code } });
    const result = await call();
    expect(failureOf(result)).toMatchObject({ type, isTransient, message: expect.stringContaining(`status ${code}`) });
    expect(result.calls).toMatchObject([{ status: "failed", httpStatus: 200, usage: { isEstimated: true } }]);
  });

  test("no answer in time is a timeout, and the prompt that was sent is counted", async () => {
    router.setFaults({ hang_before_headers: {} });
    const result = await callUntilTimeIsUp();
    expect(failureOf(result)).toEqual({
      type: "timeout",
      message: "The model did not finish within 300000 ms.",
      isTransient: true,
      retryAfterSeconds: null,
    });
    expect(result.calls).toMatchObject([
      {
        status: "aborted",
        httpStatus: null,
        usage: { freshTokens: promptEstimate, outputTokens: 0n, isEstimated: true },
      },
    ]);
    await expect.poll(() => router.requests()[0]?.outcome).toBe("caller_left");
  });

  test("the time covers the body: a stream that stops amid its words is left, and what was seen is counted", async () => {
    router.setFaults({ hang_mid_stream: { after_chunks: 3 } });
    const result = await callUntilTimeIsUp();
    expect(failureOf(result)).toMatchObject({ type: "timeout", isTransient: true });
    expect(result.calls).toMatchObject([{ status: "aborted", httpStatus: 200, usage: { isEstimated: true } }]);
    expect(result.calls[0]?.usage.outputTokens).toBeGreaterThan(0n);
    await expect.poll(() => router.requests()[0]?.outcome).toBe("caller_left");
  });

  test("a reply that lacks only its usage when the time is up is a reply", async () => {
    router.setScript([{ text: "All said." }]);
    router.setFaults({ hang_mid_stream: { after_chunks: 4 } });
    const { outcome, calls } = await callUntilTimeIsUp();
    expect(outcome).toMatchObject({ kind: "replied", text: "All said." });
    expect(calls).toMatchObject([{ status: "aborted", finishReason: "stop", usage: { isEstimated: true } }]);
  });
});

describe("a reply that is none", () => {
  test("an empty one is empty, and paid", async () => {
    router.setFaults({ empty_reply: {} });
    const result = await call();
    expect(failureOf(result)).toMatchObject({ type: "empty_reply", isTransient: true });
    expect(result.calls).toMatchObject([{ status: "ok", usage: billed(router) }]);
  });

  test("a filtered one is not retried, and paid", async () => {
    router.setFaults({ content_filter: {} });
    const result = await call();
    expect(failureOf(result)).toMatchObject({ type: "content_filter", isTransient: false });
    expect(result.calls).toMatchObject([{ status: "ok", usage: billed(router), finishReason: "content_filter" }]);
  });

  test("what is neither a stream nor JSON cannot be read", async () => {
    router.setFaults({ not_json: {} });
    const result = await call();
    expect(failureOf(result)).toMatchObject({ type: "invalid_reply", isTransient: true });
    expect(result.calls).toMatchObject([{ status: "failed", httpStatus: 200, generationId: null }]);
  });
});

test("no failure's result holds the key", async () => {
  const all: readonly FaultSwitchesInput[] = [
    { unauthorized: {} },
    { bad_request: { message: `the key ${apiKey} is wrong` } },
    { server_error: {} },
    { not_json: {} },
    { reset_before_headers: {} },
    { error_mid_stream: {} },
  ];
  for (const faults of all) {
    router.setFaults(faults);
    const result = await call();
    expect(result.outcome.kind).toBe("failed");
    expect(JSON.stringify(result, (_, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(
      apiKey,
    );
  }
});

test("a hundred calls at once keep their replies and their costs apart", async () => {
  const gateway = gatewayTo(router.baseUrl);
  router.setScript(Array.from({ length: 100 }, (_, n) => ({ text: `Reply ${n}.`, contains: `<${n}>` })));
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, n) => gateway.call(request({ messages: [{ role: "user", content: `<${n}>` }] }))),
  );
  expect(results.map(({ outcome }) => outcome)).toEqual(
    results.map((_, n) => ({ kind: "replied", text: `Reply ${n}.`, finishReason: "stop" })),
  );
  const ids = results.flatMap(({ calls }) => calls.map(({ generationId }) => generationId));
  expect(new Set(ids).size).toBe(100);
});

function failureOf({ outcome }: ModelResult) {
  if (outcome.kind !== "failed") throw new Error("expected a failure");
  return outcome.failure;
}
