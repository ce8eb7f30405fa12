export interface Model {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly contextLength: number;
  readonly maxCompletionTokens: number;
  readonly isReasoning: boolean;
  readonly pricing: Pricing;
}

/** US dollars per token, as the decimal strings that OpenRouter publishes. */
interface Pricing {
  readonly prompt: string;
  readonly completion: string;
  readonly input_cache_read: string;
  readonly input_cache_write: string;
}

export const models: readonly Model[] = [
  {
    id: "deepseek/deepseek-chat",
    name: "DeepSeek: DeepSeek V3",
    provider: "DeepSeek",
    contextLength: 163_840,
    maxCompletionTokens: 16_384,
    isReasoning: false,
    pricing: priced("0.0000003", "0.0000012", "0.00000003", "0"),
  },
  {
    id: "google/gemini-2.5-flash",
    name: "Google: Gemini 2.5 Flash",
    provider: "Google",
    contextLength: 1_048_576,
    maxCompletionTokens: 65_535,
    isReasoning: false,
    pricing: priced("0.0000003", "0.0000025", "0.000000075", "0.0000003833"),
  },
  {
    id: "google/gemini-2.5-pro",
    name: "Google: Gemini 2.5 Pro",
    provider: "Google",
    contextLength: 1_048_576,
    maxCompletionTokens: 65_536,
    isReasoning: true,
    pricing: priced("0.00000125", "0.00001", "0.00000031", "0.000001625"),
  },
  {
    id: "openai/gpt-4o-mini",
    name: "OpenAI: GPT-4o-mini",
    provider: "OpenAI",
    contextLength: 128_000,
    maxCompletionTokens: 16_384,
    isReasoning: false,
    pricing: priced("0.00000015", "0.0000006", "0.000000075", "0"),
  },
  {
    id: "openai/gpt-4o",
    name: "OpenAI: GPT-4o",
    provider: "OpenAI",
    contextLength: 128_000,
    maxCompletionTokens: 16_384,
    isReasoning: false,
    pricing: priced("0.0000025", "0.00001", "0.00000125", "0"),
  },
  {
    id: "anthropic/claude-haiku-4.5",
    name: "Anthropic: Claude Haiku 4.5",
    provider: "Anthropic",
    contextLength: 200_000,
    maxCompletionTokens: 64_000,
    isReasoning: false,
    pricing: priced("0.000001", "0.000005", "0.0000001", "0.00000125"),
  },
  {
    id: "anthropic/claude-sonnet-4.5",
    name: "Anthropic: Claude Sonnet 4.5",
    provider: "Anthropic",
    contextLength: 1_000_000,
    maxCompletionTokens: 64_000,
    isReasoning: false,
    pricing: priced("0.000003", "0.000015", "0.0000003", "0.00000375"),
  },
];

const modelById = new Map(models.map((model) => [model.id, model]));

export function findModel(id: string): Model | undefined {
  return modelById.get(id);
}

export function modelToWire(model: Model) {
  return {
    id: model.id,
    canonical_slug: model.id,
    name: model.name,
    created: 1_735_689_600,
    context_length: model.contextLength,
    architecture: {
      modality: "text->text",
      input_modalities: ["text"],
      output_modalities: ["text"],
      tokenizer: "Other",
    },
    pricing: { ...model.pricing, request: "0", image: "0", web_search: "0", internal_reasoning: "0" },
    top_provider: {
      context_length: model.contextLength,
      max_completion_tokens: model.maxCompletionTokens,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: ["max_tokens", "response_format", "stop", "structured_outputs", "tool_choice", "tools"],
  };
}

function priced(prompt: string, completion: string, cacheRead: string, cacheWrite: string): Pricing {
  return { prompt, completion, input_cache_read: cacheRead, input_cache_write: cacheWrite };
}
