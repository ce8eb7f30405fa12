import { counts, helloMetered, helloUsage, reply, says, stream, type UsageShape } from "./usage-shape.ts";

const zeros = '{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}';
const hello = reply(helloUsage);

export const abortedShapes: readonly UsageShape[] = [
  {
    name: "cut before the first byte",
    wire: "",
    isAborted: true,
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
  {
    name: "cut amid the words",
    wire: stream(says("Hello, "), says("world")),
    isAborted: true,
    metered: { fresh: 11, output: 4, isEstimated: true, oe: "7.85", credits: "0.000785" },
  },
  {
    name: "cut inside of a character",
    wire: new TextEncoder().encode(stream(says("Hello, "), says("空"))).slice(0, -64),
    isAborted: true,
    metered: { fresh: 11, output: 3, isEstimated: true, oe: "6.85", credits: "0.000685" },
  },
  {
    name: "cut inside of the word data",
    wire: `${stream(says("Hello"))}dat`,
    isAborted: true,
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "cut inside of the usage",
    wire: hello.slice(0, hello.indexOf('"prompt_tokens_details"')),
    isAborted: true,
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "cut between the usage and the end mark",
    wire: hello.slice(0, hello.indexOf("data: [DONE]")),
    isAborted: true,
    metered: helloMetered,
  },
  { name: "cut inside of the end mark", wire: hello.slice(0, -5), isAborted: true, metered: helloMetered },
  { name: "cut after the end mark", wire: hello, isAborted: true, metered: helloMetered },
  {
    name: "cut while every usage so far is of zeros",
    wire: stream(says("Hello, ", zeros), says("world", zeros)),
    isAborted: true,
    metered: { fresh: 11, output: 4, isEstimated: true, oe: "7.85", credits: "0.000785" },
  },
  {
    name: "cut while the usage so far counts less than was seen",
    wire: stream(
      says("Hello, ", '{"prompt_tokens":9,"completion_tokens":1}'),
      says("world", '{"prompt_tokens":9,"completion_tokens":2}'),
    ),
    isAborted: true,
    metered: { fresh: 9, output: 4, isEstimated: true, oe: "7.15", credits: "0.000715" },
  },
  {
    name: "cut while the usage so far counts more than was seen",
    wire: stream(
      says(
        "Hello",
        '{"prompt_tokens":150,"completion_tokens":40,"prompt_tokens_details":{"cached_tokens":50},"completion_tokens_details":{"reasoning_tokens":38}}',
      ),
    ),
    isAborted: true,
    metered: { fresh: 100, cached: 50, output: 40, reasoning: 38, isEstimated: true, oe: "80", credits: "0.008" },
  },
  {
    name: "cut after a usage that came before the first word",
    wire: stream(
      counts('{"prompt_tokens":150,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":50}}'),
      says("Hello, world"),
    ),
    isAborted: true,
    metered: { fresh: 100, cached: 50, output: 4, isEstimated: true, oe: "44", credits: "0.0044" },
  },
  {
    name: "cut inside of a body",
    wire: `{"id":"gen-1","choices":[{"message":{"content":"Hello"}}],"usage":${helloUsage}`,
    isAborted: true,
    metered: { fresh: 11, isEstimated: true, oe: "3.85", credits: "0.000385" },
  },
];
