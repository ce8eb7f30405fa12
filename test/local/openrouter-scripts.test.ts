import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { API_KEY, ask, control, question } from "./openrouter-client.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey: API_KEY });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

describe("scripts", () => {
  const answer = async (text: string, more = {}) => await (await ask(router, { ...question(text), ...more })).json();

  it("says what it is told, in order or where it matches, then speaks for itself", async () => {
    await control(router, "PUT", "/script", [
      { text: "for four-o", model: "openai/gpt-4o" },
      { json: { vote: "ada" }, contains: "vote" },
      { text: "first" },
      { text: "twice", times: 2 },
    ]);
    const said = async (text: string, more = {}) => (await answer(text, more)).choices[0].message.content;
    expect(await said("a")).toBe("first");
    expect(await said("please vote")).toBe('{"vote":"ada"}');
    expect(await said("a")).toBe("twice");
    expect(await said("a", { model: "openai/gpt-4o" })).toBe("for four-o");
    expect(await said("a")).toBe("twice");
    expect((await said("Is a monorepo worth it?")).split(" ").length).toBeGreaterThan(50);
    expect((await (await control(router, "GET", "/script")).json()).remaining).toEqual([]);
  });

  it("calls tools and reports the usage that it is told", async () => {
    router.setScript([
      {
        tool_calls: [{ name: "look_up", arguments: { id: 7 } }],
        usage: { prompt_tokens: 100, completion_tokens: 10, cost: 0.000123456789012 },
      },
    ]);
    const body = await answer("a");
    expect(body.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { content: null, tool_calls: [{ function: { name: "look_up", arguments: '{"id":7}' } }] },
    });
    expect(body.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 10, cost: 0.000123456789012 });
  });

  it("is not used up by an attempt that was refused", async () => {
    router.setFaults({ server_error: { fail_next: 1 } });
    router.setScript([{ text: "kept" }]);
    expect((await ask(router, question("a"))).status).toBe(502);
    expect((await answer("a")).choices[0].message.content).toBe("kept");
  });
});

describe("the record", () => {
  it("counts every HTTP attempt in order, retries of a client included", async () => {
    const client = new OpenAI({ baseURL: router.baseUrl, apiKey: API_KEY, maxRetries: 2 });
    router.setFaults({ rate_limited: { fail_next: 2, retry_after_seconds: 0 } });
    await client.chat.completions.create({ model: "openai/gpt-4o", messages: [{ role: "user", content: "Hi?" }] });
    expect(router.requests().map(({ started_at, status }) => [started_at, status])).toEqual([
      [1, 429],
      [2, 429],
      [3, 200],
    ]);
    const { requests } = await (await control(router, "GET", "/requests")).json();
    expect(requests[0]).toMatchObject({
      method: "POST",
      model: "openai/gpt-4o",
      authorization: "valid",
      faults: ["rate_limited"],
    });
    expect(requests[2].messages).toEqual([{ role: "user", content: "Hi?" }]);
    expect(await (await control(router, "GET", "/stats")).json()).toMatchObject({
      attempts: 3,
      by_status: { 200: 1, 429: 2 },
    });
    await control(router, "DELETE", "/requests");
    expect(router.stats().attempts).toBe(0);
  });
});
