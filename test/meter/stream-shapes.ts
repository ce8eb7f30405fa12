import { counts, done, helloMetered, helloUsage, says, stops, stream, type UsageShape } from "./usage-shape.ts";

export const streamShapes: readonly UsageShape[] = [
  {
    name: "usage beside a choice that finishes",
    wire: stream(says("Hello"), stops(helloUsage), done),
    metered: helloMetered,
  },
  {
    name: "usage beside the last words",
    wire: stream(says("Hel"), stops(helloUsage).replace('"content":""', '"content":"lo"'), done),
    metered: helloMetered,
  },
  {
    name: "usage in a last chunk that has no field for choices",
    wire: stream(says("Hello"), stops(), `{"usage":${helloUsage}}`, done),
    metered: helloMetered,
  },
  {
    name: "the same usage twice",
    wire: stream(says("Hello"), stops(helloUsage), counts(helloUsage), done),
    metered: helloMetered,
  },
  {
    name: "the same usage in every chunk",
    wire: stream(says("Hel", helloUsage), says("lo", helloUsage), stops(helloUsage), counts(helloUsage), done),
    metered: helloMetered,
  },
  {
    name: "null, then the usage",
    wire: stream(says("Hel", "null"), says("lo", "null"), stops("null"), counts(helloUsage), done),
    metered: helloMetered,
  },
  {
    name: "the usage, then null",
    wire: stream(says("Hello"), stops(helloUsage), counts("null"), done),
    metered: helloMetered,
  },
  {
    name: "the usage, then an empty one",
    wire: stream(says("Hello"), stops(helloUsage), counts("{}"), done),
    metered: helloMetered,
  },
  {
    name: "the usage, then one of nulls",
    wire: stream(says("Hello"), stops(helloUsage), counts('{"prompt_tokens":null,"completion_tokens":null}'), done),
    metered: helloMetered,
  },
  {
    name: "the usage, then a cost alone: the last that counts stands",
    wire: stream(says("Hello"), stops(helloUsage), counts('{"cost":0.5}'), done),
    metered: helloMetered,
  },
  {
    name: "an empty usage, then the usage",
    wire: stream(says("Hello"), stops("{}"), counts(helloUsage), done),
    metered: helloMetered,
  },
  {
    name: "the whole usage before the first word",
    wire: stream(counts(helloUsage), says("Hello"), stops(), done),
    metered: helloMetered,
  },
  {
    name: "the prompt's usage before the first word, and the whole at the end",
    wire: stream(
      counts('{"prompt_tokens":150,"completion_tokens":0,"cost":9}'),
      says("Hello"),
      stops(),
      counts(helloUsage),
      done,
    ),
    metered: helloMetered,
  },
  {
    name: "usage beside an empty choice of the role",
    wire: stream(
      '{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}',
      says("Hello"),
      stops(helloUsage),
      done,
    ),
    metered: helloMetered,
  },
  {
    name: "usage that ends tool calls",
    wire: stream(
      '{"id":"gen-1","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"calculate","arguments":"{\\"usage\\":{\\"prompt_tokens\\":9}}"}}]}}]}',
      stops(helloUsage, "tool_calls"),
      done,
    ),
    metered: helloMetered,
  },
  {
    name: "words that look like an event with a usage are words",
    wire: stream(
      says('\n\ndata: {"usage":{"prompt_tokens":1000000,"completion_tokens":1000000}}\n\ndata: [DONE]\n\n'),
      stops(),
      counts(helloUsage),
      done,
    ),
    metered: helloMetered,
  },
  {
    name: "usage inside an envelope is none",
    wire: stream(says("Hello"), stops(), `{"data":{"usage":${helloUsage}},"message":{"usage":${helloUsage}}}`, done),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "two usages in one chunk: the last key stands, as in any JSON",
    wire: stream(
      says("Hello"),
      stops(),
      `{"usage":{"prompt_tokens":1,"completion_tokens":1},"choices":[],"usage":${helloUsage}}`,
      done,
    ),
    metered: helloMetered,
  },
];
