import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseUsage } from "./usage.ts";
import { readCompletion } from "./wire.ts";

const usage =
  '{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":50},"cost":0.000000123456789012345}';
const head = '"id":"gen-1","model":"vendor/model-1"';
const said = (content: string) =>
  `data: {${head},"choices":[{"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]}\n\n`;
const stopped = `data: {${head},"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n`;
const metered = `data: {${head},"choices":[],"usage":${usage}}\n\n`;
const done = "data: [DONE]\n\n";
const whole = `: PROCESSING\n\n${said("Hel")}${said("lo")}${stopped}${metered}${done}`;
const expected = {
  usage: { ...JSON.parse(usage), cost: "0.000000123456789012345" },
  isUsageFinal: true,
  generationId: "gen-1",
  providerModel: "vendor/model-1",
  finishReason: "stop",
  outputCharacters: 5,
  isComplete: true,
};

describe("a completion on the wire", () => {
  test("a stream yields its usage with the cost's own digits", () => {
    expect(readCompletion(whole)).toEqual(expected);
    expect(parseUsage(readCompletion(whole).usage)).toMatchObject({
      freshTokens: 100n,
      cachedTokens: 50n,
      outputTokens: 10n,
      costUsdPico: 123_457n,
    });
  });

  test("a body yields the same", () => {
    const body = `\n  {${head},"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],"usage":${usage}}`;
    expect(readCompletion(body)).toEqual(expected);
  });

  test.each([
    ["CRLF", whole.replaceAll("\n", "\r\n")],
    ["CR", whole.replaceAll("\n", "\r")],
    ["no space after the colon", whole.replaceAll("data: ", "data:")],
    ["no blank lines between events", whole.replaceAll("\n\n", "\n")],
    ["an event over several lines", whole.replace('"choices":[],', '"choices":\ndata: [],')],
    [
      "garbage lines",
      whole.replaceAll("\n\n", '\n\nevent: x\nrubbish\n\ndata: {"cut\n\ndata: null\n\ndata: [1]\n\ndata: "text"\n\n'),
    ],
    [
      "usage beside non-empty choices",
      `${said("Hello")}data: {${head},"choices":[{"delta":{"content":""},"finish_reason":"stop"}],"usage":${usage}}\n\n${done}`,
    ],
    ["repeated usage", whole.replace(metered, metered + metered)],
    ["growing usage", whole.replace(stopped, `data: {"usage":{"prompt_tokens":1,"cost":9}}\n\n${stopped}`)],
    ["an empty usage after it", whole.replace(done, `data: {"usage":{},"choices":[]}\n\n${done}`)],
    ["a usage of nulls after it", whole.replace(done, `data: {"usage":{"prompt_tokens":null}}\n\n${done}`)],
    ["null usage on other chunks", whole.replace(done, `data: {"usage":null,"choices":[]}\n\n${done}`)],
  ])("reads the same through %s", (_, text) => {
    expect(readCompletion(text)).toEqual(expected);
  });

  test("a stream cut anywhere never yields another usage than the whole one", () => {
    for (let end = 0; end <= whole.length; end++) {
      const cut = readCompletion(whole.slice(0, end));
      expect([null, expected.usage]).toContainEqual(cut.usage);
      expect(cut.isComplete).toBe(end >= whole.length - 2);
      expect(cut.outputCharacters).toBeLessThanOrEqual(5);
    }
  });

  test("a stream without usage still tells how much was said", () => {
    const reasoned =
      'data: {"choices":[{"delta":{"reasoning":"hmm","tool_calls":[{"function":{"arguments":"{}"}}]}}]}\n\n';
    expect(readCompletion(said("Hello") + reasoned)).toMatchObject({
      usage: null,
      outputCharacters: 10,
      isComplete: false,
    });
  });

  test("a usage is final when it comes with or after the reason to finish, and not before", () => {
    const early = `data: {${head},"choices":[],"usage":{"prompt_tokens":150,"completion_tokens":0}}\n\n`;
    expect(readCompletion(early + said("Hello"))).toMatchObject({ isUsageFinal: false });
    expect(readCompletion(early + said("Hello") + stopped)).toMatchObject({ isUsageFinal: false });
    expect(readCompletion(early + said("Hello") + stopped + metered)).toMatchObject({ isUsageFinal: true });
  });

  test("an exponent and trailing zeros in a cost are kept as written", () => {
    expect(readCompletion('{"usage":{"cost":1.50e-7}}').usage).toEqual({ cost: "1.50e-7" });
    expect(readCompletion('{"usage":{"cost":"0.1"}}').usage).toEqual({ cost: "0.1" });
    expect(readCompletion('{"usage":{"cost":null}}').usage).toEqual({ cost: null });
  });

  test("any text is read without a failure", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `data: ${json}\n\n`),
        ),
        (text) => {
          expect(Object.keys(readCompletion(text))).toEqual(Object.keys(expected));
        },
      ),
    );
  });

  test.each([
    ["nested lists", "[".repeat(1_000_000)],
    ["a nested usage", `{"usage":${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}}`],
    ["empty lines", "\n".repeat(1_000_000)],
    ["empty data lines", "data:\n".repeat(160_000)],
    ["one long data line", `data: ${"a".repeat(1_000_000)}`],
    ["data events of one character", "data: 1\n\n".repeat(110_000)],
  ])("a million characters of %s end", (_, text) => {
    expect(readCompletion(text).outputCharacters).toBe(0);
  });
});
