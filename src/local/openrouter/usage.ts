import type { Model } from "./models.ts";

export interface TokenCounts {
  readonly prompt: number;
  readonly cached: number;
  readonly cacheWritten: number;
  readonly completion: number;
  readonly reasoning: number;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly cost: number;
  readonly is_byok: boolean;
  readonly prompt_tokens_details: {
    readonly cached_tokens: number;
    readonly cache_write_tokens: number;
    readonly audio_tokens: number;
  };
  readonly completion_tokens_details: { readonly reasoning_tokens: number; readonly image_tokens: number };
  readonly cost_details: {
    readonly upstream_inference_cost: number | null;
    readonly upstream_inference_prompt_cost: number;
    readonly upstream_inference_completions_cost: number;
  };
}

export function buildUsage(model: Model, counts: TokenCounts): Usage {
  const promptCost = promptPicoDollars(model, counts);
  const completionCost = BigInt(counts.completion) * picoDollars(model.pricing.completion);
  return {
    prompt_tokens: counts.prompt,
    completion_tokens: counts.completion,
    total_tokens: counts.prompt + counts.completion,
    cost: toDollars(promptCost + completionCost),
    is_byok: false,
    prompt_tokens_details: {
      cached_tokens: counts.cached,
      cache_write_tokens: counts.cacheWritten,
      audio_tokens: 0,
    },
    completion_tokens_details: { reasoning_tokens: counts.reasoning, image_tokens: 0 },
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: toDollars(promptCost),
      upstream_inference_completions_cost: toDollars(completionCost),
    },
  };
}

function promptPicoDollars(model: Model, counts: TokenCounts): bigint {
  const fresh = counts.prompt - counts.cached - counts.cacheWritten;
  return (
    BigInt(fresh) * picoDollars(model.pricing.prompt) +
    BigInt(counts.cached) * picoDollars(model.pricing.input_cache_read) +
    BigInt(counts.cacheWritten) * picoDollars(model.pricing.input_cache_write)
  );
}

function picoDollars(dollars: string): bigint {
  const [whole = "0", fraction = ""] = dollars.split(".");
  if (fraction.length > 12) throw new Error(`price ${dollars} is finer than a pico-dollar`);
  return BigInt(whole + fraction.padEnd(12, "0"));
}

/** A double keeps 15 decimal digits, so any cost under 1,000 USD prints exactly as it was summed. */
function toDollars(picos: bigint): number {
  const digits = picos.toString().padStart(13, "0");
  return Number(`${digits.slice(0, -12)}.${digits.slice(-12)}`);
}
