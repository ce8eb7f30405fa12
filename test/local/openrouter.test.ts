import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { models } from "../../src/local/openrouter/models.ts";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { countTokens, cutToTokens } from "../../src/local/openrouter/tokens.ts";
import { API_KEY, ask, control, eventsOf, question } from "./openrouter-client.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey: API_KEY });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

describe("keys", () => {
  it("refuses a missing and a wrong key in OpenRouter's shape", async () => {
    const missing = await fetch(`${router.baseUrl}/chat/completions`, { method: "POST", body: "{}" });
    expect(missing.status).toBe(401);
    expect(await missing.json()).toEqual({ error: { code: 401, message: "No cookie auth credentials found" } });
    const wrong = await ask(router, question("Hello?"), "sk-or-v1-other");
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toEqual({ error: { code: 401, message: "User not found." } });
  });

  it.each(["/key", "/auth/key", "/generation?id=x"])("asks for the key on %s", async (path) => {
    expect((await fetch(`${router.baseUrl}${path}`)).status).toBe(401);
  });

  it("guards the switches and the record with the same key", async () => {
    for (const path of ["", "/requests", "/stats", "/script"]) {
      expect((await fetch(`${router.url}/_faults${path}`)).status).toBe(401);
    }
  });

  it("records no key", async () => {
    await ask(router, question("Hello?"));
    await ask(router, question("Hello?"), "sk-or-v1-stolen");
    const record = await (await control(router, "GET", "/requests")).text();
    expect(record).not.toContain(API_KEY);
    expect(record).not.toContain("stolen");
  });
});

describe("a whole answer", () => {
  it("carries id, header, provider and usage with exact cost", async () => {
    const response = await ask(router, question("Should we adopt trunk-based development?"));
    const body = await response.json();
    expect(body.id).toMatch(/^gen-/);
    expect(response.headers.get("x-generation-id")).toBe(body.id);
    expect(body).toMatchObject({ object: "chat.completion", provider: "OpenAI", model: "openai/gpt-4o-mini" });
    const { prompt_tokens: prompt, completion_tokens: completion, cost, total_tokens: total } = body.usage;
    expect(total).toBe(prompt + completion);
    expect(BigInt(Math.round(cost * 1e12))).toBe(BigInt(prompt) * 150_000n + BigInt(completion) * 600_000n);
    expect(cost).toBe(Number(((prompt * 150_000 + completion * 600_000) / 1e12).toPrecision(15)));
    expect(body.usage.prompt_tokens_details).toMatchObject({ cached_tokens: 0, cache_write_tokens: 0 });
    expect(body.usage.completion_tokens_details.reasoning_tokens).toBe(0);
  });

  it("stops at the token limit and says so", async () => {
    const body = await (await ask(router, question("Should we ship?", { max_tokens: 7 }))).json();
    expect(body.choices[0].finish_reason).toBe("length");
    expect(body.usage.completion_tokens).toBe(7);
    expect(countTokens(body.choices[0].message.content)).toBeLessThanOrEqual(7);
  });

  it("ends before a stop sequence", async () => {
    router.setScript([{ text: "one two END three" }]);
    const body = await (await ask(router, question("Count?", { stop: ["END"] }))).json();
    expect(body.choices[0].message.content).toBe("one two ");
    expect(body.choices[0].finish_reason).toBe("stop");
  });

  it("bills reasoning inside the completion for a reasoning model", async () => {
    const body = await (await ask(router, { ...question("Why?"), model: "google/gemini-2.5-pro" })).json();
    const reasoning = body.usage.completion_tokens_details.reasoning_tokens;
    expect(reasoning).toBeGreaterThan(0);
    expect(body.usage.completion_tokens).toBe(reasoning + countTokens(body.choices[0].message.content));
  });
});

describe("refusals", () => {
  it("answers 400 to an unknown model", async () => {
    const response = await ask(router, { ...question("Hi?"), model: "openai/gpt-9" });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: { code: 400, message: "openai/gpt-9 is not a valid model ID" } });
  });

  it.each([
    ["not json", "{"],
    ["no messages", question("x", { messages: [] })],
  ])("answers 400 to %s", async (_, body) => {
    const response = await ask(router, body);
    expect(response.status).toBe(400);
    expect((await response.json()).error.code).toBe(400);
  });

  it("answers 400 when the prompt and the output exceed the context", async () => {
    const response = await ask(router, question("word ".repeat(128_000)));
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain("maximum context length is 128000 tokens");
  });

  it("answers 404 as JSON elsewhere", async () => {
    const response = await fetch(`${router.baseUrl}/embeddings`);
    expect(response.status).toBe(404);
    expect((await response.json()).error.code).toBe(404);
  });
});

describe("a stream", () => {
  it("sends comments, role, words, reason, usage with empty choices and the end", async () => {
    const response = await ask(
      router,
      question("Why test?", { stream: true, stream_options: { include_usage: true } }),
    );
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    expect(text.startsWith(": OPENROUTER PROCESSING\n\n")).toBe(true);
    const events = eventsOf(text);
    expect(events.at(-1)).toBe("[DONE]");
    expect(events.at(-2)).toMatchObject({ choices: [], usage: { cost: expect.any(Number) } });
    expect(events.at(-3)).toMatchObject({ choices: [{ finish_reason: "stop" }] });
    expect(events[0]).toMatchObject({
      id: response.headers.get("x-generation-id"),
      choices: [{ delta: { role: "assistant" } }],
    });
    expect(events.filter((event) => JSON.stringify(event).includes('"usage"'))).toHaveLength(1);
  });

  it("says the same words and bills the same cost as a whole answer", async () => {
    const whole = await (await ask(router, question("Why test?"))).json();
    router.reset();
    const events = eventsOf(await (await ask(router, question("Why test?", { stream: true }))).text());
    const words = events.map((event) => (typeof event === "object" ? deltaText(event) : "")).join("");
    expect(words).toBe(whole.choices[0].message.content);
    expect(events.at(-2)).toMatchObject({ usage: whole.usage });
  });
});

function deltaText(event: object | null): string {
  const match = /"delta":\{[^}]*"content":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(event));
  return match?.[1] === undefined ? "" : JSON.parse(match[1]);
}

describe("the prompt cache", () => {
  const history = Array.from({ length: 8 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: `${index}: ${"The committee considered the question at length. ".repeat(8)}`,
  }));
  const usageOf = async (body: unknown) => (await (await ask(router, body)).json()).usage;

  it("reports a repeated prefix as cached, at the cached price", async () => {
    const first = await usageOf(question("", { messages: history }));
    const second = await usageOf(question("", { messages: [...history, { role: "user", content: "And now?" }] }));
    expect(first.prompt_tokens_details.cached_tokens).toBe(0);
    const cached = second.prompt_tokens_details.cached_tokens;
    expect(cached).toBe(Math.floor(first.prompt_tokens / 64) * 64);
    const fresh = second.prompt_tokens - cached;
    expect(Math.round(second.cost * 1e12)).toBe(fresh * 150_000 + cached * 75_000 + second.completion_tokens * 600_000);
  });

  it("never crosses models, nor survives a changed beginning", async () => {
    await usageOf(question("", { messages: history }));
    const other = await usageOf({ model: "openai/gpt-4o", messages: history });
    expect(other.prompt_tokens_details.cached_tokens).toBe(0);
    const changed = await usageOf(question("", { messages: [{ role: "system", content: "New." }, ...history] }));
    expect(changed.prompt_tokens_details.cached_tokens).toBe(0);
  });

  it("never reports the whole prompt as cached", async () => {
    await usageOf(question("", { messages: history }));
    const again = await usageOf(question("", { messages: history }));
    expect(again.prompt_tokens_details.cached_tokens).toBeLessThan(again.prompt_tokens);
    expect(again.prompt_tokens_details.cached_tokens).toBeGreaterThan(0);
  });

  it("bills what an explicit breakpoint writes", async () => {
    const marked = [
      { type: "text", text: "The rules of the house. ".repeat(60), cache_control: { type: "ephemeral" } },
    ];
    const messages = [
      { role: "system", content: marked },
      { role: "user", content: "Hello?" },
    ];
    const usage = await usageOf({ model: "anthropic/claude-haiku-4.5", messages });
    const written = usage.prompt_tokens_details.cache_write_tokens;
    expect(written).toBeGreaterThan(0);
    const fresh = usage.prompt_tokens - written;
    expect(Math.round(usage.cost * 1e12)).toBe(
      fresh * 1_000_000 + written * 1_250_000 + usage.completion_tokens * 5_000_000,
    );
  });
});

describe("models, key and generations", () => {
  it("lists every model with its length and prices as strings", async () => {
    const { data } = await (await fetch(`${router.baseUrl}/models`)).json();
    expect(data.map((model: { id: string }) => model.id)).toEqual(models.map((model) => model.id));
    for (const model of data) {
      expect(model.context_length).toBeGreaterThan(0);
      expect(model.top_provider.max_completion_tokens).toBeGreaterThan(0);
      expect(model.pricing.prompt).toMatch(/^0\.\d+$/);
      expect(model.pricing.completion).toMatch(/^0\.\d+$/);
    }
  });

  it("finds a generation again with its cost, and the key with its usage", async () => {
    const body = await (await ask(router, question("What does it cost?"))).json();
    const headers = { authorization: `Bearer ${API_KEY}` };
    const { data } = await (await fetch(`${router.baseUrl}/generation?id=${body.id}`, { headers })).json();
    expect(data).toMatchObject({
      id: body.id,
      total_cost: body.usage.cost,
      native_tokens_prompt: body.usage.prompt_tokens,
    });
    const key = await (await fetch(`${router.baseUrl}/key`, { headers })).json();
    expect(key.data.usage).toBe(body.usage.cost);
    expect((await fetch(`${router.baseUrl}/generation?id=gen-none`, { headers })).status).toBe(404);
  });
});

describe("token counts", () => {
  it("counts hostile runs in pieces and takes control words for text", () => {
    expect(countTokens("a".repeat(400_000))).toBeGreaterThanOrEqual(400_000 / 64);
    expect(countTokens(" ".repeat(400_000))).toBeGreaterThan(0);
    expect(countTokens("<|endoftext|>")).toBeGreaterThan(1);
    expect(countTokens("")).toBe(0);
  });

  it("cuts to a beginning of the text", () => {
    const text = "Décidément, naïve façades 🙂🙂 cost more than one token each.";
    for (let limit = 0; limit <= countTokens(text); limit += 1) {
      const cut = cutToTokens(text, limit);
      expect(text.startsWith(cut.text)).toBe(true);
      expect(cut.tokens).toBeLessThanOrEqual(limit);
    }
    expect(cutToTokens(text, 1_000)).toEqual({ text, tokens: countTokens(text), isCut: false });
  });
});
