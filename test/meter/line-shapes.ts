import {
  body,
  counts,
  done,
  helloMetered,
  helloUsage,
  reply,
  says,
  stops,
  stream,
  type UsageShape,
} from "./usage-shape.ts";

const hello = reply(helloUsage);

const lines: readonly UsageShape[] = [
  { name: "lines that end with CRLF", wire: hello.replaceAll("\n", "\r\n"), metered: helloMetered },
  { name: "lines that end with CR", wire: hello.replaceAll("\n", "\r"), metered: helloMetered },
  { name: "no space after the colon", wire: hello.replaceAll("data: ", "data:"), metered: helloMetered },
  { name: "a byte order mark", wire: `\uFEFF${hello}`, metered: helloMetered },
  {
    name: "comments between all events",
    wire: hello.replaceAll("\n\n", "\n\n: keep-alive\n\n:\n\n"),
    metered: helloMetered,
  },
  {
    name: "events with a name, an id and a retry",
    wire: hello.replaceAll("data: ", "event: message\nid: 7\nretry: 3000\ndata: "),
    metered: helloMetered,
  },
  {
    name: "no blank lines between events",
    wire: hello.replaceAll("\n\n", "\n"),
    isLeftEarly: true,
    metered: helloMetered,
  },
  {
    name: "an event over several data lines",
    wire: hello.replace('"choices":[],', '"choices":\ndata: [],\ndata: '),
    metered: helloMetered,
  },
  { name: "no end of line after the last event", wire: hello.trimEnd(), metered: helloMetered },
  { name: "no end mark", wire: stream(says("Hello"), stops(), counts(helloUsage)), metered: helloMetered },
  { name: "two end marks", wire: hello + stream(done), metered: helloMetered },
  {
    name: "usage after the end mark",
    wire: stream(says("Hello"), stops(), done, counts(helloUsage)),
    metered: helloMetered,
  },
  { name: "garbage after the end mark", wire: `${hello}\u0000garbage {"usage": \n\n`, metered: helloMetered },
  { name: "a page of HTML after the end mark", wire: `${hello}<html><body>502</body></html>`, metered: helloMetered },
  {
    name: "events that are no objects",
    wire: hello.replaceAll("\n\n", '\n\ndata: null\n\ndata: [1]\n\ndata: "text"\n\ndata: 7\n\n'),
    isLeftEarly: true,
    metered: helloMetered,
  },
  {
    name: "events that are no JSON",
    wire: hello.replaceAll("\n\n", '\n\ndata: {"cut\n\ndata: rubbish\n\n'),
    isLeftEarly: true,
    metered: helloMetered,
  },
  {
    name: "words of two, three and four bytes a character",
    wire: stream(says("Ünïcödé "), says("空は青い"), says("👩‍👩‍👧‍👦🇫🇮"), stops(), counts(helloUsage), done),
    metered: helloMetered,
  },
  {
    name: "words of many bytes without a usage: a surrogate pair is two characters",
    wire: stream(says("空は青い"), says("😀😀"), stops(), done),
    metered: { fresh: 11, output: 3, isEstimated: true, oe: "6.85", credits: "0.000685" },
  },
];

const sizes: readonly UsageShape[] = [
  {
    name: "a stream that is too long to be kept, with its usage at the end",
    wire: stream(...Array.from({ length: 2000 }, () => says("word ")), stops(), counts(helloUsage), done),
    metered: helloMetered,
  },
  {
    name: "a stream that is too long to be kept, with its usage at the start",
    wire: stream(counts(helloUsage), ...Array.from({ length: 2000 }, () => says("word ")), stops(), done),
    metered: helloMetered,
  },
  {
    name: "a stream that is too long to be kept, without a usage: 10,000 characters",
    wire: stream(...Array.from({ length: 2000 }, () => says("word ")), stops(), done),
    metered: { fresh: 11, output: 3125, isEstimated: true, oe: "3128.85", credits: "0.312885" },
  },
  {
    name: "a long stream whose last words, outside of any event, look like a body",
    wire: `${stream(...Array.from({ length: 2000 }, () => says("word ")), stops(helloUsage))}{"usage":{"prompt_tokens":1,"completion_tokens":1}}`,
    metered: helloMetered,
  },
  {
    name: "a long body with blank lines inside",
    wire: JSON.stringify(JSON.parse(body(helloUsage)), null, "\n\n").replace("Hello", `${"word ".repeat(30_000)}`),
    isLeftEarly: true,
    metered: helloMetered,
  },
];

export const lineShapes: readonly UsageShape[] = [...lines, ...sizes];
