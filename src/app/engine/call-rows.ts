import { creditUnits, oeHundredths } from "../../domain/meter/charge.ts";
import { whoPays } from "../../domain/money/who-pays.ts";
import { agentOf, type PlannedAgent } from "../../domain/plan/plan.ts";
import { storable } from "../../domain/text/storable.ts";
import type { ToolCallRecord } from "../../graph/agent-tool.ts";
import type { MadeCall } from "../../graph/made-call.ts";
import type { Ids } from "../../ports/ids.ts";
import type { CallRecord } from "../../ports/model.ts";
import type { CallRow, ClaimedStep } from "../../ports/steps.ts";
import type { ToolCallRow } from "../../ports/toolbox.ts";

/** A ledger row for each call, and whether its user pays it. */
export function toCallRows(
  ids: Ids,
  { plan, step }: Pick<ClaimedStep, "plan" | "step">,
  calls: readonly MadeCall[],
): readonly CallRow[] {
  const agent = agentOf(plan, step.agent_key);
  return calls.map((call, ordinal) => ({
    ...toCallRow(agent, call),
    id: ids.uuid(),
    ordinal,
    is_charged: whoPays({ ...call, isFree: call.usage.costUsdPico === 0n }) === "user",
  }));
}

function toCallRow(agent: PlannedAgent, call: CallRecord): Omit<CallRow, "id" | "ordinal" | "is_charged"> {
  const { usage } = call;
  const hundredths = oeHundredths(usage);
  return {
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

export function toToolCallRows(ids: Ids, calls: readonly ToolCallRecord[]): readonly ToolCallRow[] {
  return calls.map(({ id, name, status, resultBytes, latencyMs, ...call }, ordinal) => ({
    id: ids.uuid(),
    ordinal,
    call_id: id,
    name,
    arguments: storable(call.arguments),
    status,
    result_bytes: resultBytes,
    latency_ms: Math.round(latencyMs),
  }));
}
