import { counts, done, helloMetered, helloUsage, reply, says, stops, stream, type UsageShape } from "./usage-shape.ts";

export const dialectShapes: readonly UsageShape[] = [
  {
    name: "Anthropic: cache reads and writes are counted beside the input",
    wire: reply('{"input_tokens":30,"cache_creation_input_tokens":20,"cache_read_input_tokens":100,"output_tokens":9}'),
    metered: {
      fresh: 50,
      cached: 100,
      output: 9,
      cacheWrite: 20,
      multiplierMilli: 800n,
      oe: "36.5",
      credits: "0.00292",
    },
  },
  {
    name: "Anthropic: cache writes by their lifetime, and server tools",
    wire: reply(
      '{"input_tokens":2048,"cache_read_input_tokens":1800,"cache_creation_input_tokens":248,"cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100},"output_tokens":503,"server_tool_use":{"web_search_requests":2},"service_tier":"standard"}',
    ),
    metered: {
      fresh: 2296,
      cached: 1800,
      output: 503,
      cacheWrite: 248,
      multiplierMilli: 1500n,
      oe: "1486.6",
      credits: "0.22299",
    },
  },
  {
    name: "Anthropic: both vocabularies at once are counted once",
    wire: reply(
      '{"prompt_tokens":150,"completion_tokens":10,"total_tokens":160,"cache_read_input_tokens":50,"cache_creation_input_tokens":30,"prompt_tokens_details":{"cached_tokens":50}}',
    ),
    metered: { fresh: 100, cached: 50, output: 10, cacheWrite: 30, oe: "50", credits: "0.005" },
  },
  {
    name: "DeepSeek: cache hits and misses by names of their own, beside the reason to finish",
    wire: stream(
      says("Hello"),
      stops(
        '{"prompt_tokens":150,"completion_tokens":10,"total_tokens":160,"prompt_cache_hit_tokens":50,"prompt_cache_miss_tokens":100}',
      ),
      done,
    ),
    metered: { fresh: 100, cached: 50, output: 10, multiplierMilli: 500n, oe: "50", credits: "0.0025" },
  },
  {
    name: "DeepSeek: hits by both names are counted once",
    wire: reply(
      '{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":128},"prompt_cache_hit_tokens":128,"prompt_cache_miss_tokens":22}',
    ),
    metered: { fresh: 22, cached: 128, output: 10, multiplierMilli: 500n, oe: "30.5", credits: "0.001525" },
  },
  {
    name: "DeepSeek: a reasoner's thoughts in a field of their own",
    wire: stream(
      '{"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Scattering, then."}}]}',
      says("Hello"),
      stops(),
      counts(
        '{"prompt_tokens":15,"completion_tokens":47,"completion_tokens_details":{"reasoning_tokens":33},"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":15}',
      ),
      done,
    ),
    metered: { fresh: 15, output: 47, reasoning: 33, multiplierMilli: 500n, oe: "52.25", credits: "0.0026125" },
  },
  {
    name: "Gemini: a growing usage beside every choice",
    wire: stream(
      says("Hel", '{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}'),
      says("lo", '{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}'),
      stops('{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}'),
      done,
    ),
    metered: { fresh: 9, output: 3, multiplierMilli: 800n, oe: "6.15", credits: "0.000492" },
  },
  {
    name: "Gemini: a total that its parts do not make is not believed over them",
    wire: reply('{"prompt_tokens":7,"completion_tokens":11,"total_tokens":243}'),
    metered: { fresh: 7, output: 11, multiplierMilli: 1200n, oe: "13.45", credits: "0.001614" },
  },
  {
    name: "Gemini: its native usage is no usage of this interface",
    wire: stream(
      says("Hello"),
      stops().replace(/}$/, ',"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3}}'),
      done,
    ),
    metered: { fresh: 11, output: 2, isEstimated: true, multiplierMilli: 800n, oe: "5.85", credits: "0.000468" },
  },
  {
    name: "Groq: the usage in its own envelope and in the common one is counted once",
    wire: stream(
      says("Hello"),
      stops(helloUsage).replace(/}$/, `,"x_groq":{"id":"req_1","usage":${helloUsage}}}`),
      counts(helloUsage),
      done,
    ),
    metered: helloMetered,
  },
  {
    name: "Groq: the usage in its own envelope alone is none",
    wire: stream(says("Hello"), stops().replace(/}$/, `,"x_groq":{"usage":${helloUsage}}}`), done),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "Moonshot: a usage inside the choice is none",
    wire: stream(
      says("Hello"),
      `{"id":"gen-1","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":${helloUsage}}]}`,
      done,
    ),
    metered: { fresh: 11, output: 2, isEstimated: true, oe: "5.85", credits: "0.000585" },
  },
  {
    name: "Mistral: a usage without details beside the reason to finish",
    wire: stream(says("Hello"), stops('{"prompt_tokens":19,"total_tokens":24,"completion_tokens":5}'), done),
    metered: { fresh: 19, output: 5, oe: "11.65", credits: "0.001165" },
  },
  {
    name: "vLLM: continuous usage, and once more in a last chunk without choices",
    wire: stream(
      says("Hel", '{"prompt_tokens":26,"total_tokens":27,"completion_tokens":1}'),
      stops('{"prompt_tokens":26,"total_tokens":28,"completion_tokens":2}'),
      counts('{"prompt_tokens":26,"total_tokens":28,"completion_tokens":2,"prompt_tokens_details":null}'),
      done,
    ),
    metered: { fresh: 26, output: 2, oe: "11.1", credits: "0.00111" },
  },
  {
    name: "xAI: more reasoning than output is capped at the output",
    wire: reply(
      '{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}',
    ),
    metered: { fresh: 32, output: 9, reasoning: 9, oe: "20.2", credits: "0.00202" },
  },
  {
    name: "Perplexity: a cost that is an object is no figure",
    wire: reply(
      '{"prompt_tokens":8,"completion_tokens":439,"total_tokens":447,"search_context_size":"low","cost":{"input_tokens_cost":2.4e-05,"total_cost":0.0116}}',
    ),
    metered: { fresh: 8, output: 439, oe: "441.8", credits: "0.04418" },
  },
  {
    name: "a compatible server: zeros in every chunk until the one that counts",
    wire: stream(
      says("Hel", '{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}'),
      says("lo", '{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}'),
      stops(helloUsage),
      done,
    ),
    metered: helloMetered,
  },
];
