import { estimateTokens } from "../domain/context/budget.ts";
import type { ContextRejection } from "../domain/context/fit-window.ts";
import { creditUnits, oeHundredths } from "../domain/meter/charge.ts";
import { storable } from "../domain/speaker/storable.ts";
import { afterFailure } from "../domain/turn/outcome.ts";
import { agentOf, type PlannedAgent } from "../domain/turn/plan.ts";
import type { AgentResult } from "../graph/run-agent.ts";
import type { Ids } from "../ports/ids.ts";
import type { CallRecord } from "../ports/model.ts";
import type { CallRow, ClaimedStep, OutcomeMessage, StepOutcome } from "../ports/steps.ts";

type Outcome = StepOutcome & { readonly calls: readonly CallRow[] };

/** What an agent's call comes to: its message or its failure, and a ledger row for every attempt. */
export function toCommit(ids: Ids, claim: ClaimedStep, result: AgentResult): Outcome {
  const agent = agentOf(claim.plan, claim.step.agent_key);
  const calls = result.calls.map((call, ordinal) => toCallRow(ids.uuid(), ordinal, agent, call));
  switch (result.kind) {
    case "replied":
      return { outcome: "done", message: toMessage(ids, result.text, result.flags), error: null, calls };
    case "unfinished":
      return { outcome: "continue", checkpoint: result.checkpoint, calls };
    case "failed":
      return { ...toFailure(ids, claim, result.failure), calls };
  }
}

export function rejectedCommit(ids: Ids, rejection: ContextRejection): Outcome {
  const { input_budget, estimated_tokens } = rejection;
  const error = {
    type: "context_budget_exceeded",
    message: `What must go into the prompt is estimated at ${estimated_tokens} tokens; ${input_budget} fit.`,
  };
  return { outcome: "failed", error, message: toMessage(ids, error.message, []), calls: [] };
}

type Failed = Extract<AgentResult, { readonly kind: "failed" }>["failure"];

function toFailure(ids: Ids, { step }: ClaimedStep, failure: Failed): StepOutcome {
  const next = afterFailure(failure, { attempts: step.attempts, waitedSeconds: step.waited_seconds });
  if (next.kind === "retry")
    return { outcome: "retry", retry_after_seconds: next.retryAfterSeconds, is_fault: next.isFault };
  const error = { type: failure.type, message: storable(failure.message) };
  return { outcome: "failed", error, message: toMessage(ids, error.message, []) };
}

function toMessage(ids: Ids, said: string, flags: readonly string[]): OutcomeMessage {
  const text = storable(said);
  return { id: ids.uuid(), text, tokens: estimateTokens(text), flags };
}

function toCallRow(id: string, ordinal: number, agent: PlannedAgent, call: CallRecord): CallRow {
  const { usage } = call;
  const hundredths = oeHundredths(usage);
  return {
    id,
    ordinal,
    provider: call.provider,
    model_alias: agent.model_alias,
    provider_model: call.providerModel,
    request_id: call.requestId,
    generation_id: call.generationId,
    fresh_tokens: usage.freshTokens.toString(),
    cached_tokens: usage.cachedTokens.toString(),
    output_tokens: usage.outputTokens.toString(),
    cache_write_tokens: usage.cacheWriteTokens.toString(),
    reasoning_tokens: usage.reasoningTokens.toString(),
    oe_hundredths: hundredths.toString(),
    multiplier_milli: agent.multiplier_milli,
    credit_units: creditUnits(hundredths, BigInt(agent.multiplier_milli)).toString(),
    cost_usd_pico: usage.costUsdPico?.toString() ?? null,
    latency_ms: Math.round(call.latencyMs),
    status: call.status,
    http_status: call.httpStatus,
    finish_reason: call.finishReason,
    is_estimated: usage.isEstimated,
  };
}
