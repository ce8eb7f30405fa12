import { body, helloMetered, helloUsage, reply, stream, type UsageShape } from "./usage-shape.ts";

const openRouter: readonly UsageShape[] = [
  {
    name: "OpenRouter: 100 fresh, 50 cached and 10 output are 50 OE",
    wire: reply(
      '{"prompt_tokens":150,"completion_tokens":10,"total_tokens":160,"cost":0.00014,"is_byok":false,"prompt_tokens_details":{"cached_tokens":50,"cache_write_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"image_tokens":0},"cost_details":{"upstream_inference_cost":null,"upstream_inference_prompt_cost":0.00012,"upstream_inference_completions_cost":0.00002}}',
    ),
    metered: { fresh: 100, cached: 50, output: 10, costUsdPico: 140_000_000n, oe: "50", credits: "0.005" },
  },
  {
    name: "OpenRouter: a cached subset, a cache write and reasoning at once, at claude-sonnet's multiplier",
    wire: reply(
      '{"prompt_tokens":4321,"completion_tokens":987,"total_tokens":5308,"cost":0.0213775,"is_byok":false,"prompt_tokens_details":{"cached_tokens":3000,"cache_write_tokens":1024,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":640,"image_tokens":0}}',
    ),
    metered: {
      fresh: 1321,
      cached: 3000,
      output: 987,
      cacheWrite: 1024,
      reasoning: 640,
      costUsdPico: 21_377_500_000n,
      multiplierMilli: 1500n,
      oe: "1749.35",
      credits: "0.2624025",
    },
  },
  {
    name: "OpenRouter: keep-alive comments before the first event",
    wire: `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${reply(helloUsage)}`,
    metered: helloMetered,
  },
  {
    name: "OpenRouter: a body that was not streamed",
    wire: body(
      '{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"cost":0.0000036,"prompt_tokens_details":{"cached_tokens":0}}',
    ),
    metered: { fresh: 12, output: 3, costUsdPico: 3_600_000n, oe: "7.2", credits: "0.00072" },
  },
  {
    name: "OpenRouter: a body after the white space that keeps its connection alive",
    wire: `${"\n         ".repeat(40)}${body(helloUsage)}`,
    metered: helloMetered,
  },
  {
    name: "OpenRouter: with the operator's own key the router's fee and the provider's bill are both paid",
    wire: reply(
      '{"prompt_tokens":194,"completion_tokens":2,"cost":0.000019,"is_byok":true,"cost_details":{"upstream_inference_cost":0.00038}}',
    ),
    metered: { fresh: 194, output: 2, costUsdPico: 399_000_000n, oe: "69.9", credits: "0.00699" },
  },
  {
    name: "OpenRouter: without the operator's own key the upstream cost is already in the cost",
    wire: reply(
      '{"prompt_tokens":194,"completion_tokens":2,"cost":0.00038,"is_byok":false,"cost_details":{"upstream_inference_cost":0.00038}}',
    ),
    metered: { fresh: 194, output: 2, costUsdPico: 380_000_000n, oe: "69.9", credits: "0.00699" },
  },
  {
    name: "OpenRouter: an own key whose upstream cost is not told",
    wire: reply(
      '{"prompt_tokens":194,"completion_tokens":2,"cost":0,"is_byok":true,"cost_details":{"upstream_inference_cost":null}}',
    ),
    metered: { fresh: 194, output: 2, costUsdPico: 0n, oe: "69.9", credits: "0.00699" },
  },
  {
    name: "Anthropic through OpenRouter: the first call writes the cache",
    wire: reply(
      '{"prompt_tokens":2000,"completion_tokens":120,"total_tokens":2120,"cost":0.009,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":1800}}',
    ),
    metered: {
      fresh: 2000,
      output: 120,
      cacheWrite: 1800,
      costUsdPico: 9_000_000_000n,
      multiplierMilli: 1500n,
      oe: "820",
      credits: "0.123",
    },
  },
  {
    name: "Anthropic through OpenRouter: the second call reads the cache and writes the rest",
    wire: reply(
      '{"prompt_tokens":2150,"completion_tokens":80,"total_tokens":2230,"cost":0.0023625,"prompt_tokens_details":{"cached_tokens":1800,"cache_write_tokens":340}}',
    ),
    metered: {
      fresh: 350,
      cached: 1800,
      output: 80,
      cacheWrite: 340,
      costUsdPico: 2_362_500_000n,
      multiplierMilli: 1500n,
      oe: "382.5",
      credits: "0.057375",
    },
  },
];

const openAi: readonly UsageShape[] = [
  {
    name: "OpenAI: the usage chunk that include_usage adds, with every detail it has",
    wire: reply(
      '{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}',
    ),
    metered: { fresh: 86, cached: 1920, output: 300, oe: "522.1", credits: "0.05221" },
  },
  {
    name: "OpenAI: a reasoning model's output holds its reasoning",
    wire: reply(
      '{"prompt_tokens":75,"completion_tokens":1186,"total_tokens":1261,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":1024}}',
    ),
    metered: { fresh: 75, output: 1186, reasoning: 1024, multiplierMilli: 2000n, oe: "1212.25", credits: "0.24245" },
  },
  {
    name: "OpenAI: a body with its service tier and fingerprint",
    wire: body(helloUsage).replace(/}$/, ',"service_tier":"default","system_fingerprint":"fp_44709d6fcb"}'),
    metered: helloMetered,
  },
  {
    name: "OpenAI: the names of the responses interface",
    wire: reply(
      '{"input_tokens":328,"input_tokens_details":{"cached_tokens":256},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":380}',
    ),
    metered: { fresh: 72, cached: 256, output: 52, reasoning: 20, oe: "102.8", credits: "0.01028" },
  },
  {
    name: "Azure: a first chunk of filter results without choices",
    wire: `${stream('{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}')}${reply(helloUsage)}`,
    metered: helloMetered,
  },
];

export const providerShapes: readonly UsageShape[] = [...openRouter, ...openAi];
