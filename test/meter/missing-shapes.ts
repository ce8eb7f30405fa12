import { counts, done, helloMetered, helloUsage, reply, says, stops, stream, type UsageShape } from "./usage-shape.ts";

const hello = reply(helloUsage);

const error = (code: number) =>
  `{"id":"gen-1","error":{"code":${code},"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`;

const missing: readonly UsageShape[] = [
  {
    name: "no usage at all: 11 for the prompt, 5 characters for the output",
    wire: stream(says("Hel"), says("lo"), stops(), done),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "null for a usage in every chunk",
    wire: stream(says("Hello", "null"), stops("null"), counts("null"), done),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "an empty usage",
    wire: reply("{}"),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "a list for a usage",
    wire: reply("[150,10]"),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "text for a usage",
    wire: reply('"150/10"'),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "a number for a usage",
    wire: reply("160"),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "no usage, but reasoning: what was thought is output too",
    wire: stream(
      '{"choices":[{"index":0,"delta":{"content":null,"reasoning":"Let me think about it."}}]}',
      says("Hello"),
      stops(),
      done,
    ),
    metered: { fresh: 11, output: 9, isEstimated: true, oe: "12.85", credits: "0.001285" },
  },
  {
    name: "a usage of the cost alone",
    wire: reply('{"cost":0.0003}'),
    metered: { fresh: 11, output: 2, costUsdPico: 300_000_000n, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  { name: "an empty answer", wire: "", metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" } },
  {
    name: "comments and no event",
    wire: ": OPENROUTER PROCESSING\n\n".repeat(3),
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
  {
    name: "an end mark alone",
    wire: stream(done),
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
  {
    name: "a page of HTML under 200",
    wire: "<html><h1>It works!</h1></html>",
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
  {
    name: "a list for a body",
    wire: `[{"usage":${helloUsage}}]`,
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
  {
    name: "lines of JSON that are no events",
    wire: `${says("Hello")}\n${counts(helloUsage)}\n`,
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
  {
    name: "bytes that are no text",
    wire: Uint8Array.from([0x1f, 0x8b, 0xff, 0xfe, 0x00, 0xc3]),
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
];

const errors: readonly UsageShape[] = [
  {
    name: "an error after the usage",
    wire: hello.replace("data: [DONE]\n\n", stream(error(502))),
    metered: helloMetered,
  },
  {
    name: "an error amid the words",
    wire: stream(says("Hello, "), says("world"), error(502)),
    metered: { fresh: 11, output: 4, isEstimated: true, oe: "7.85", credits: "0.000785" },
  },
  {
    name: "an error beside the usage",
    wire: stream(says("Hello"), error(429).replace(/}$/, `,"usage":${helloUsage}}`)),
    metered: helloMetered,
  },
  {
    name: "an error as a body under 200",
    wire: '{"error":{"code":502,"message":"Upstream error"},"user_id":"user_1"}',
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
  {
    name: "500 with an error",
    wire: '{"error":{"code":500,"message":"Internal"}}',
    status: 500,
    metered: { oe: "0", credits: "0" },
  },
  {
    name: "500 with an error and an empty usage",
    wire: '{"error":{"code":500},"usage":{}}',
    status: 500,
    metered: { oe: "0", credits: "0" },
  },
  {
    name: "500 with an error and a usage that counts",
    wire: `{"error":{"code":500},"usage":${helloUsage}}`,
    status: 500,
    metered: helloMetered,
  },
  {
    name: "429 with a page of HTML",
    wire: "<html><h1>Too many requests</h1></html>",
    status: 429,
    metered: { oe: "0", credits: "0" },
  },
  { name: "502 with nothing", wire: "", status: 502, metered: { oe: "0", credits: "0" } },
  {
    name: "402 cut inside of its body",
    wire: '{"error":{"co',
    status: 402,
    isAborted: true,
    metered: { oe: "0", credits: "0" },
  },
  {
    name: "529 with a stream that has no usage",
    wire: stream(says("Hello"), done),
    status: 529,
    metered: { oe: "0", credits: "0" },
  },
];

export const missingShapes: readonly UsageShape[] = [...missing, ...errors];
