import { reply, type UsageShape } from "./usage-shape.ts";

const cap = 2 ** 31;

const counted: readonly UsageShape[] = [
  {
    name: "numbers as strings",
    wire: reply('{"prompt_tokens":"150","completion_tokens":"10","prompt_tokens_details":{"cached_tokens":"50"}}'),
    metered: { fresh: 100, cached: 50, output: 10, oe: "50", credits: "0.005" },
  },
  {
    name: "strings with spaces, a plus, a fraction and an exponent",
    wire: reply(
      '{"prompt_tokens":" +1.5e2 ","completion_tokens":"1E1","prompt_tokens_details":{"cached_tokens":"50.0"}}',
    ),
    metered: { fresh: 100, cached: 50, output: 10, oe: "50", credits: "0.005" },
  },
  {
    name: "numbers with exponents",
    wire: reply('{"prompt_tokens":1.5e2,"completion_tokens":1E+1,"prompt_tokens_details":{"cached_tokens":500e-1}}'),
    metered: { fresh: 100, cached: 50, output: 10, oe: "50", credits: "0.005" },
  },
  {
    name: "fractions of a token are rounded up",
    wire: reply('{"prompt_tokens":149.2,"completion_tokens":"9.00001","prompt_tokens_details":{"cached_tokens":49.5}}'),
    metered: { fresh: 100, cached: 50, output: 10, oe: "50", credits: "0.005" },
  },
  {
    name: "below zero is zero",
    wire: reply(
      '{"prompt_tokens":-150,"completion_tokens":"-10","total_tokens":-160,"prompt_tokens_details":{"cached_tokens":-50}}',
    ),
    metered: { oe: "0", credits: "0" },
  },
  {
    name: "a cached count below zero leaves the prompt fresh",
    wire: reply('{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":-50}}'),
    metered: { fresh: 150, output: 10, oe: "62.5", credits: "0.00625" },
  },
  {
    name: "zero tokens are believed",
    wire: reply('{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"cost":0}'),
    metered: { costUsdPico: 0n, oe: "0", credits: "0" },
  },
  {
    name: "a million tokens",
    wire: reply(
      '{"prompt_tokens":1048576,"completion_tokens":65536,"prompt_tokens_details":{"cached_tokens":1000000}}',
    ),
    metered: {
      fresh: 48_576,
      cached: 1_000_000,
      output: 65_536,
      multiplierMilli: 1200n,
      oe: "182537.6",
      credits: "21.904512",
    },
  },
  {
    name: "1e400 is capped",
    wire: reply('{"prompt_tokens":1e400,"completion_tokens":"1e400"}'),
    metered: { fresh: cap, output: cap, oe: "2899102924.8", credits: "289910.29248" },
  },
  {
    name: "more digits than a double keeps are capped",
    wire: reply(
      '{"prompt_tokens":9007199254740993,"completion_tokens":"99999999999999999999999999999999","prompt_tokens_details":{"cached_tokens":1e18}}',
    ),
    metered: { cached: cap, output: cap, oe: "2362232012.8", credits: "236223.20128" },
  },
  {
    name: "words for counts",
    wire: reply('{"prompt_tokens":"NaN","completion_tokens":"many"}'),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "NaN, which is no JSON, takes its event with it",
    wire: reply('{"prompt_tokens":NaN,"completion_tokens":10}'),
    isLeftEarly: true,
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "other numerals, separators and empty strings are no numbers",
    wire: reply('{"prompt_tokens":"0x96","completion_tokens":"1,000","prompt_tokens_details":{"cached_tokens":""}}'),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "booleans, lists and objects are no numbers",
    wire: reply('{"prompt_tokens":true,"completion_tokens":[10],"total_tokens":{"value":160}}'),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "one half missing: the other is the provider's",
    wire: reply('{"prompt_tokens":150,"completion_tokens":null,"prompt_tokens_details":{"cached_tokens":50}}'),
    metered: { fresh: 100, cached: 50, output: 2, isEstimated: true, oe: "42", credits: "0.0042" },
  },
  {
    name: "a total alone says nothing of its parts",
    wire: reply('{"total_tokens":160}'),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "the output from the total",
    wire: reply('{"prompt_tokens":150,"total_tokens":160,"prompt_tokens_details":{"cached_tokens":50}}'),
    metered: { fresh: 100, cached: 50, output: 10, oe: "50", credits: "0.005" },
  },
  {
    name: "the prompt from the total",
    wire: reply('{"completion_tokens":10,"total_tokens":160,"prompt_tokens_details":{"cached_tokens":50}}'),
    metered: { fresh: 100, cached: 50, output: 10, oe: "50", credits: "0.005" },
  },
  {
    name: "a total below its part",
    wire: reply('{"prompt_tokens":150,"total_tokens":90}'),
    metered: { fresh: 150, oe: "52.5", credits: "0.00525" },
  },
];

const details: readonly UsageShape[] = [
  {
    name: "null for details",
    wire: reply(
      '{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":null,"completion_tokens_details":null,"cost_details":null}',
    ),
    metered: { fresh: 150, output: 10, oe: "62.5", credits: "0.00625" },
  },
  {
    name: "null inside of details",
    wire: reply(
      '{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":null,"cache_write_tokens":null},"completion_tokens_details":{"reasoning_tokens":null}}',
    ),
    metered: { fresh: 150, output: 10, oe: "62.5", credits: "0.00625" },
  },
  {
    name: "lists, text and numbers for details",
    wire: reply(
      '{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":[{"cached_tokens":50}],"completion_tokens_details":"none","input_tokens_details":7}',
    ),
    metered: { fresh: 150, output: 10, oe: "62.5", credits: "0.00625" },
  },
  {
    name: "more cached than sent",
    wire: reply('{"prompt_tokens":50,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":80}}'),
    metered: { cached: 50, output: 10, oe: "15", credits: "0.0015" },
  },
  {
    name: "all of the prompt cached",
    wire: reply('{"prompt_tokens":50,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":50}}'),
    metered: { cached: 50, output: 10, oe: "15", credits: "0.0015" },
  },
  {
    name: "more written to the cache than was fresh",
    wire: reply(
      '{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":50,"cache_write_tokens":140}}',
    ),
    metered: { fresh: 100, cached: 50, output: 10, cacheWrite: 100, oe: "50", credits: "0.005" },
  },
  {
    name: "more reasoning than output",
    wire: reply('{"prompt_tokens":5,"completion_tokens":10,"completion_tokens_details":{"reasoning_tokens":64}}'),
    metered: { fresh: 5, output: 10, reasoning: 10, oe: "11.75", credits: "0.001175" },
  },
  {
    name: "a usage nested a thousand deep",
    wire: reply(`{"prompt_tokens":150,"completion_tokens":10,"more":${'{"more":'.repeat(1000)}1${"}".repeat(1000)}}`),
    metered: { fresh: 150, output: 10, oe: "62.5", credits: "0.00625" },
  },
  {
    name: "a usage that would be inherited is none",
    wire: reply('{"__proto__":{"prompt_tokens":1000000,"completion_tokens":1000000}}'),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
];

const costs: readonly UsageShape[] = [
  ["a cost as a string", '"0.00014"', 140_000_000n],
  ["a cost with more digits than a double keeps", "0.000123456789012345678", 123_456_790n],
  ["a cost of twelve decimals", "0.123456789012", 123_456_789_012n],
  ["a cost with an exponent", "1.4e-4", 140_000_000n],
  ["a cost with a large exponent and many zeros", "0.00000000000014E+9", 140_000_000n],
  ["a cost finer than a unit is rounded up", "1e-13", 1n],
  ["a cost of 1e400", "1e400", 10n ** 18n],
  ["a cost below zero", "-0.5", 0n],
  ["a cost of nothing", "0.0", 0n],
].map(([name, cost, costUsdPico]) => ({
  name: String(name),
  wire: reply(`{"prompt_tokens":150,"completion_tokens":10,"cost":${cost}}`),
  metered: { fresh: 150, output: 10, costUsdPico: BigInt(costUsdPico ?? 0), oe: "62.5", credits: "0.00625" },
}));

const noCosts: readonly UsageShape[] = ["null", '"free"', "true", "[0.1]", '""'].map((cost) => ({
  name: `${cost} for a cost`,
  wire: reply(`{"prompt_tokens":150,"completion_tokens":10,"cost":${cost}}`),
  metered: { fresh: 150, output: 10, oe: "62.5", credits: "0.00625" },
}));

export const figureShapes: readonly UsageShape[] = [...counted, ...details, ...costs, ...noCosts];
