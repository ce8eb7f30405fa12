import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { API_KEY, ask, control, eventsOf, question } from "./openrouter-client.ts";

let router: OpenRouter;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey: API_KEY });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

const streamed = (text = "Why?") => question(text, { stream: true });

describe("refusing switches", () => {
  it.each([
    ["rate_limited", 429],
    ["server_error", 502],
    ["bad_request", 400],
    ["unauthorized", 401],
    ["payment_required", 402],
    ["moderated", 403],
  ])("%s answers %i in OpenRouter's shape, then lets go", async (name, status) => {
    router.setFaults({ [name]: { fail_next: 1 } });
    const response = await ask(router, question("Hi?"));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: status, message: expect.any(String) } });
    expect((await ask(router, question("Hi?"))).status).toBe(200);
    expect(router.stats()).toMatchObject({ attempts: 2, by_outcome: { refused: 1, answered: 1 } });
  });

  it("sends Retry-After with a 429", async () => {
    router.setFaults({ rate_limited: { retry_after_seconds: 17 } });
    expect((await ask(router, question("Hi?"))).headers.get("retry-after")).toBe("17");
  });

  it("says why an input was flagged", async () => {
    router.setFaults({ moderated: {} });
    const { error } = await (await ask(router, question("Something rude"))).json();
    expect(error.metadata).toMatchObject({ flagged_input: "Something rude", provider_name: "OpenAI" });
  });

  it("uses up one switch per request, not all of them at once", async () => {
    router.setFaults({ rate_limited: { fail_next: 1 }, server_error: { fail_next: 1 } });
    const statuses = [];
    for (let attempt = 0; attempt < 3; attempt += 1) statuses.push((await ask(router, question("Hi?"))).status);
    expect(statuses.toSorted()).toEqual([200, 429, 502]);
  });

  it("answers something that is not JSON", async () => {
    router.setFaults({ not_json: {} });
    await expect((await ask(router, question("Hi?"))).json()).rejects.toThrow(SyntaxError);
  });

  it("resets the connection before the headers and records the attempt", async () => {
    router.setFaults({ reset_before_headers: { fail_next: 1 } });
    await expect(ask(router, question("Hi?"))).rejects.toThrow();
    expect(router.requests()).toMatchObject([{ outcome: "broken", status: null, generation_id: null }]);
    expect((await ask(router, question("Hi?"))).status).toBe(200);
  });

  it("hangs before the headers until the caller gives up", async () => {
    router.setFaults({ hang_before_headers: {} });
    const caller = new AbortController();
    const client = new OpenAI({ baseURL: router.baseUrl, apiKey: API_KEY, maxRetries: 0 });
    const messages = [{ role: "user" as const, content: "Hi?" }];
    const answer = client.chat.completions.create({ model: "openai/gpt-4o", messages }, { signal: caller.signal });
    const settled = expect(answer).rejects.toThrow(OpenAI.APIUserAbortError);
    await expect.poll(() => router.requests().length).toBe(1);
    caller.abort();
    await settled;
    await expect.poll(() => router.requests()[0]?.outcome).toBe("caller_left");
  });

  it("lets a hanging request go on when it is released", async () => {
    router.setFaults({ hang_before_headers: { fail_next: 1 } });
    const answer = ask(router, question("Hi?"));
    await expect.poll(async () => (await (await control(router, "GET", "")).json()).waiting).toBe(1);
    await control(router, "POST", "/release");
    expect((await answer).status).toBe(200);
  });
});

describe("filters", () => {
  it("strikes one model, one message or one role only", async () => {
    router.setFaults({
      rate_limited: { model: "openai/gpt-4o" },
      server_error: [{ contains: "boom" }, { system_contains: "critic", status: 500 }],
    });
    const system = { role: "system", content: "You are the critic." };
    const critic = question("", { messages: [system, { role: "user", content: "Hi?" }] });
    expect((await ask(router, question("Hi?"))).status).toBe(200);
    expect((await ask(router, { ...question("Hi?"), model: "openai/gpt-4o" })).status).toBe(429);
    expect((await ask(router, question("go boom"))).status).toBe(502);
    expect((await ask(router, critic)).status).toBe(500);
  });

  it("skips the first matching requests", async () => {
    router.setFaults({ server_error: { skip: 2, fail_next: 1 } });
    const statuses = [];
    for (let attempt = 0; attempt < 4; attempt += 1) statuses.push((await ask(router, question("Hi?"))).status);
    expect(statuses).toEqual([200, 200, 502, 200]);
  });

  it("strikes at a rate that the seed repeats, in any order of arrival", async () => {
    const texts = Array.from({ length: 60 }, (_, index) => `Question ${index}?`);
    const strike = async (order: readonly string[], seed: number) => {
      router.setFaults({ server_error: { rate: 0.3, seed } });
      const struck = await Promise.all(
        order.map(async (text) => [text, (await ask(router, question(text))).status] as const),
      );
      return struck.flatMap(([text, status]) => (status === 502 ? [text] : [])).toSorted();
    };
    const first = await strike(texts, 7);
    expect(await strike(texts.toReversed(), 7)).toEqual(first);
    expect(await strike(texts, 8)).not.toEqual(first);
    expect(first.length).toBeGreaterThan(6);
    expect(first.length).toBeLessThan(32);
  });

  it("refuses an unknown switch and keeps the old ones", async () => {
    await control(router, "PUT", "", { rate_limited: {} });
    expect((await control(router, "PUT", "", { rate_limitted: {} })).status).toBe(400);
    expect((await ask(router, question("Hi?"))).status).toBe(429);
    expect((await control(router, "DELETE", "")).status).toBe(204);
    expect((await ask(router, question("Hi?"))).status).toBe(200);
  });
});

describe("switches on what is said", () => {
  const textOf = async (body: unknown) => (await (await ask(router, body)).json()).choices[0].message.content;
  const schema = {
    type: "object",
    properties: { reason: { type: "string" } },
    required: ["reason"],
    additionalProperties: false,
  };
  const wanted = question("Why?", { response_format: { type: "json_schema", json_schema: { name: "x", schema } } });

  it("says nothing, or far too much", async () => {
    router.setFaults({ empty_reply: { fail_next: 1 }, long_reply: { words: 3_000 } });
    expect(await textOf(question("Hi?"))).toBe("");
    router.setFaults({ long_reply: { words: 3_000 } });
    expect((await textOf(question("Hi?"))).split(" ")).toHaveLength(3_000);
  });

  it("filters its own words", async () => {
    router.setFaults({ content_filter: {} });
    const body = await (await ask(router, question("Hi?"))).json();
    expect(body.choices[0].finish_reason).toBe("content_filter");
  });

  it("misses the schema in four ways", async () => {
    router.setFaults({ wrong_json: { as: "other_shape" } });
    expect(JSON.parse(await textOf(wanted))).not.toHaveProperty("reason");
    router.setFaults({ wrong_json: { as: "prose" } });
    expect(await textOf(wanted)).not.toContain("{");
    router.setFaults({ wrong_json: { as: "truncated" } });
    const truncated = await textOf(wanted);
    expect(() => JSON.parse(truncated)).toThrow(SyntaxError);
    router.setFaults({ wrong_json: { as: "fenced" } });
    expect(await textOf(wanted)).toMatch(/```json\n\{"reason".*\}\n```$/s);
  });
});

describe("switches on the wire", () => {
  it("drops the connection after some chunks, yet bills the generation", async () => {
    router.setFaults({ cut_stream: { after_chunks: 4, fail_next: 1 } });
    const response = await ask(router, streamed());
    const received: string[] = [];
    await expect(collect(response, received)).rejects.toThrow();
    expect(eventsOf(received.join(""))).toHaveLength(4);
    const [record] = router.requests();
    expect(record).toMatchObject({ outcome: "broken", usage: { cost: expect.any(Number) } });
  });

  it("ends early in good order, without usage and without the end mark", async () => {
    router.setFaults({ cut_stream: { after_chunks: 4, by: "end" } });
    const text = await (await ask(router, streamed())).text();
    expect(eventsOf(text)).toHaveLength(4);
    expect(text).not.toContain("[DONE]");
    expect(text).not.toContain('"usage"');
  });

  it("truncates the JSON of a chunk, and of a whole answer", async () => {
    router.setFaults({ truncated_json: { after_chunks: 2 } });
    const text = await (await ask(router, streamed())).text();
    expect(() => eventsOf(text)).toThrow(SyntaxError);
    await expect((await ask(router, question("Hi?"))).json()).rejects.toThrow(SyntaxError);
  });

  it("reports a provider's failure inside a stream that began well", async () => {
    router.setFaults({ error_mid_stream: { after_chunks: 3 } });
    const events = eventsOf(await (await ask(router, streamed())).text());
    expect(events.at(-1)).toMatchObject({ error: { code: 502 }, choices: [{ finish_reason: "error" }] });
    const whole = await ask(router, question("Hi?"));
    expect(whole.status).toBe(200);
    expect(await whole.json()).toMatchObject({ error: { code: 502 } });
  });

  it("hangs in mid-stream until released", async () => {
    router.setFaults({ hang_mid_stream: { after_chunks: 2 } });
    const received: string[] = [];
    const response = await ask(router, streamed());
    const done = collect(response, received);
    await expect.poll(() => eventsOf(received.join("")).length).toBe(2);
    expect(router.requests()[0]?.outcome).toBe("pending");
    router.release();
    await done;
    expect(eventsOf(received.join("")).at(-1)).toBe("[DONE]");
  });

  it("records that a caller left in mid-stream", async () => {
    router.setFaults({ hang_mid_stream: { after_chunks: 2 } });
    const caller = new AbortController();
    const response = await fetch(`${router.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify(streamed()),
      signal: caller.signal,
    });
    expect(response.status).toBe(200);
    caller.abort();
    await expect.poll(() => router.requests()[0]?.outcome).toBe("caller_left");
  });

  it("slows every chunk by a clock that tests can move", async () => {
    router.setFaults({ slow_tokens: { ms_per_chunk: 3_600_000 } });
    const received: string[] = [];
    const done = collect(await ask(router, streamed()), received);
    for (let chunk = 1; chunk <= 4; chunk += 1) {
      await expect.poll(async () => (await (await control(router, "GET", "")).json()).waiting).toBe(1);
      router.advance(3_600_000);
      await expect.poll(() => received.join("").split("\n\n").length - 1).toBe(chunk);
    }
    await control(router, "PUT", "", { slow_tokens: { ms_per_chunk: 3_600_000 }, time_scale: 0 });
    await done;
    expect(received.join("")).toContain("[DONE]");
  });

  it("leaves usage out, repeats it, or gives its chunk a choice", async () => {
    const usages = async () => {
      const events = eventsOf(await (await ask(router, streamed())).text());
      return events.filter((event) => typeof event === "object" && event !== null && "usage" in event);
    };
    router.setFaults({ usage_missing: {} });
    expect(await usages()).toHaveLength(0);
    expect(await (await ask(router, question("Hi?"))).json()).not.toHaveProperty("usage");
    router.setFaults({ usage_repeated: {} });
    expect((await usages()).length).toBeGreaterThan(10);
    router.setFaults({ usage_with_choices: {} });
    expect(await usages()).toMatchObject([{ choices: [{ finish_reason: "stop" }] }]);
  });
});

async function collect(response: Response, received: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) received.push(decoder.decode(bytes, { stream: true }));
}
