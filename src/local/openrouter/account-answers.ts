import { findModel } from "./models.ts";
import type { RecordedRequest } from "./recorder.ts";

export function keyBody(requests: readonly RecordedRequest[]) {
  const usage = requests.reduce((sum, request) => sum + (request.usage?.cost ?? 0), 0);
  return {
    data: {
      label: "sk-or-v1-local",
      usage: Number(usage.toFixed(12)),
      limit: null,
      limit_remaining: null,
      is_free_tier: false,
      is_provisioning_key: false,
      rate_limit: { requests: -1, interval: "10s", note: "This field is deprecated and safe to ignore." },
    },
  };
}

/** A generation is billed once made, even when its caller was cut off and never saw it. */
export function generationBody(record: RecordedRequest) {
  const cost = record.usage?.cost ?? 0;
  return {
    data: {
      id: record.generation_id,
      model: record.model,
      provider_name: findModel(record.model ?? "")?.provider ?? null,
      streamed: record.stream,
      cancelled: record.outcome === "caller_left",
      total_cost: cost,
      usage: cost,
      is_byok: false,
      origin: "",
      finish_reason: record.finish_reason,
      native_finish_reason: record.finish_reason,
      tokens_prompt: record.usage?.prompt_tokens ?? 0,
      tokens_completion: record.usage?.completion_tokens ?? 0,
      native_tokens_prompt: record.usage?.prompt_tokens ?? 0,
      native_tokens_completion: record.usage?.completion_tokens ?? 0,
      native_tokens_cached: record.usage?.prompt_tokens_details.cached_tokens ?? 0,
      native_tokens_reasoning: record.usage?.completion_tokens_details.reasoning_tokens ?? 0,
    },
  };
}
