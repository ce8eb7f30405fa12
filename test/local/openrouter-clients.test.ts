import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { type OpenRouter, startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { API_KEY } from "./openrouter-client.ts";

const MODEL = "openai/gpt-4o-mini";
let router: OpenRouter;
let client: OpenAI;
beforeAll(async () => {
  router = await startOpenRouter({ apiKey: API_KEY });
  client = new OpenAI({ baseURL: router.baseUrl, apiKey: API_KEY, maxRetries: 0 });
});
afterAll(() => router.stop());
beforeEach(() => router.reset());

const user = (content: string) => ({ role: "user" as const, content });

const calculator = {
  type: "function" as const,
  function: {
    name: "calculator",
    description: "Works out an arithmetic expression",
    parameters: { type: "object", properties: { expression: { type: "string" } }, required: ["expression"] },
  },
};

const Verdict = z.object({
  decision: z.string(),
  confidence: z.number().min(0).max(1),
  open_questions: z.array(z.string()).max(3),
});

const Tokens = z.object({ output_tokens: z.int(), total_tokens: z.int() });

function tokensOf(message: { readonly usage_metadata?: unknown }) {
  return Tokens.parse(message.usage_metadata ?? { output_tokens: 0, total_tokens: 0 });
}

describe("the openai SDK", () => {
  it("reads a whole answer and its usage", async () => {
    const answer = await client.chat.completions.create({ model: MODEL, messages: [user("Is a monorepo worth it?")] });
    expect(answer.choices[0]?.message.content).toContain("monorepo");
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(0);
    expect(answer.usage).toHaveProperty("cost");
  });

  it("reads a stream to its usage", async () => {
    const messages = [user("Is a monorepo worth it?")];
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(text).toContain("monorepo");
    expect(usage).toMatchObject({ cost: expect.any(Number) });
  });

  it("calls a tool and uses what it answers", async () => {
    const question = user("What is 17 * 23?");
    const first = await client.chat.completions.create({ model: MODEL, messages: [question], tools: [calculator] });
    const call = first.choices[0]?.message.tool_calls?.[0];
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(call).toMatchObject({ function: { name: "calculator", arguments: '{"expression":"17 * 23"}' } });
    const second = await client.chat.completions.create({
      model: MODEL,
      tools: [calculator],
      messages: [
        question,
        { role: "assistant", content: null, tool_calls: call ? [call] : [] },
        { role: "tool", tool_call_id: call?.id ?? "", content: "391" },
      ],
    });
    expect(second.choices[0]?.message.content).toContain("391");
  });

  it("assembles a streamed tool call", async () => {
    const runner = client.chat.completions.stream({
      model: MODEL,
      messages: [user("What is 6*7?")],
      tools: [calculator],
    });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { arguments: '{"expression":"6*7"}' },
    });
  });

  it("honours tool_choice none, required and a named tool", async () => {
    const create = async (tool_choice: OpenAI.ChatCompletionToolChoiceOption) => {
      const messages = [user("Tell me about 2 + 2.")];
      const answer = await client.chat.completions.create({ model: MODEL, messages, tools: [calculator], tool_choice });
      return answer.choices[0]?.message.tool_calls?.length ?? 0;
    };
    expect(await create("none")).toBe(0);
    expect(await create("required")).toBe(1);
    expect(await create({ type: "function", function: { name: "calculator" } })).toBe(1);
  });

  it("gets an instance of a JSON schema", async () => {
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: [user("Should we rewrite the importer?")],
      response_format: {
        type: "json_schema",
        json_schema: { name: "verdict", strict: true, schema: z.toJSONSchema(Verdict) },
      },
    });
    expect(Verdict.parse(JSON.parse(answer.choices[0]?.message.content ?? "")).decision).toMatch(/^\p{Lu}.* .*\.$/u);
  });

  it("throws its own errors for 401, 429 with Retry-After and 5xx", async () => {
    const stranger = new OpenAI({ baseURL: router.baseUrl, apiKey: "sk-or-v1-other", maxRetries: 0 });
    const messages = [user("Hi?")];
    await expect(stranger.chat.completions.create({ model: MODEL, messages })).rejects.toMatchObject({ status: 401 });
    router.setFaults({
      rate_limited: { fail_next: 1, retry_after_seconds: 9 },
      server_error: { fail_next: 1, status: 503 },
    });
    const limited = await client.chat.completions.create({ model: MODEL, messages }).catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
    expect(limited instanceof OpenAI.RateLimitError && limited.headers.get("retry-after")).toBe("9");
    await expect(client.chat.completions.create({ model: MODEL, messages })).rejects.toMatchObject({ status: 503 });
    expect(router.stats().attempts).toBe(3);
  });
});

describe("ChatOpenAI", () => {
  const configuration = () => ({ baseURL: router.baseUrl });
  const createModel = (options: { streaming?: boolean; streamUsage?: boolean } = {}) =>
    new ChatOpenAI({ model: MODEL, apiKey: API_KEY, maxRetries: 0, configuration: configuration(), ...options });

  it("invokes without streaming, in one attempt", async () => {
    const answer = await createModel({ streaming: false }).invoke([new HumanMessage("Is a monorepo worth it?")]);
    expect(answer.text).toContain("monorepo");
    expect(tokensOf(answer).total_tokens).toBeGreaterThan(0);
    expect(router.stats().attempts).toBe(1);
    expect(router.requests()[0]).toMatchObject({ stream: false, outcome: "answered" });
  });

  it("streams words and usage, in one attempt", async () => {
    const stream = await createModel({ streamUsage: true }).stream([new HumanMessage("Is a monorepo worth it?")]);
    let text = "";
    let output = 0;
    for await (const chunk of stream) {
      text += chunk.text;
      output += tokensOf(chunk).output_tokens;
    }
    expect(text).toContain("monorepo");
    expect(output).toBe(router.requests()[0]?.usage?.completion_tokens);
    expect(router.stats().attempts).toBe(1);
  });

  it("binds a tool, calls it and reads its answer", async () => {
    const calculate = tool(() => "391", {
      name: "calculator",
      description: "Works out an arithmetic expression",
      schema: z.object({ expression: z.string() }),
    });
    const model = createModel({ streaming: false }).bindTools([calculate]);
    const question = new HumanMessage("What is 17 * 23?");
    const first = await model.invoke([question]);
    expect(first.tool_calls?.[0]).toMatchObject({ name: "calculator", args: { expression: "17 * 23" } });
    const result = new ToolMessage({ content: "391", tool_call_id: first.tool_calls?.[0]?.id ?? "" });
    expect((await model.invoke([question, first, result])).text).toContain("391");
  });

  it.each(["jsonSchema", "functionCalling", "jsonMode"] as const)("gives structured output by %s", async (method) => {
    const model = createModel({ streaming: false });
    if (method === "jsonMode") router.setScript([{ json: { decision: "yes", confidence: 1, open_questions: [] } }]);
    const answer = await model
      .withStructuredOutput(Verdict, { method, name: "verdict" })
      .invoke("Should we rewrite it?");
    expect(Verdict.safeParse(answer).success).toBe(true);
  });
});
