import type { StepError } from "../contract/turns.ts";
import { estimateTokens } from "../domain/context/budget.ts";
import type { ContextRejection } from "../domain/context/fit-window.ts";
import { creditUnits, oeHundredths } from "../domain/meter/charge.ts";
import { storable } from "../domain/speaker/storable.ts";
import { afterFailure, maxAttempts } from "../domain/turn/outcome.ts";
import { agentOf, type PlannedAgent } from "../domain/turn/plan.ts";
import { nextRound, saidTokens } from "../domain/turn/rounds.ts";
import type { SaidMessage } from "../domain/turn/window.ts";
import type { AgentResult } from "../graph/run-agent.ts";
import type { Ids } from "../ports/ids.ts";
import type { CallRecord } from "../ports/model.ts";
import type { CallRow, ClaimedStep, OutcomeMessage, StepOutcome } from "../ports/steps.ts";

type Outcome = StepOutcome & { readonly calls: readonly CallRow[] };

/** What an agent's call comes to: its message or its failure, and a ledger row for every attempt. */
export function toCommit(ids: Ids, claim: ClaimedStep, result: AgentResult): Outcome {
  const calls = toCallRows(ids, claim, result);
  switch (result.kind) {
    case "replied":
      return { outcome: "done", error: null, ...toEnd(ids, claim, result, null), calls };
    case "unfinished":
      return { outcome: "continue", checkpoint: result.checkpoint, calls };
    case "failed":
      return { ...toFailure(ids, claim, result.failure), calls };
  }
}

export function rejectedCommit(ids: Ids, claim: ClaimedStep, rejection: ContextRejection): Outcome {
  const { input_budget, estimated_tokens } = rejection;
  const message = `What must go into the prompt is estimated at ${estimated_tokens} tokens; ${input_budget} fit.`;
  return { ...giveUp(ids, claim, { type: "context_budget_exceeded", message }), calls: [] };
}

export function exhaustedCommit(ids: Ids, claim: ClaimedStep): Outcome {
  const message = `The agent did not answer in ${maxAttempts} attempts.`;
  return { ...giveUp(ids, claim, { type: "attempts_exhausted", message }), calls: [] };
}

type Failed = Extract<AgentResult, { readonly kind: "failed" }>["failure"];

function toFailure(ids: Ids, claim: ClaimedStep, failure: Failed): StepOutcome {
  const { attempts, waited_seconds } = claim.step;
  const next = afterFailure(failure, { attempts, waitedSeconds: waited_seconds });
  if (next.kind === "retry")
    return { outcome: "retry", retry_after_seconds: next.retryAfterSeconds, is_fault: next.isFault };
  return giveUp(ids, claim, { type: failure.type, message: storable(failure.message) });
}

function giveUp(ids: Ids, claim: ClaimedStep, error: StepError): StepOutcome {
  return { outcome: "failed", error, ...toEnd(ids, claim, { text: error.message, flags: [] }, error) };
}

interface Said {
  readonly text: string;
  readonly flags: readonly string[];
}

/** The step's message, and the round that follows if no other step of this one is open. */
function toEnd(ids: Ids, { plan, step, turn_index, messages }: ClaimedStep, said: Said, error: StepError | null) {
  const agent = agentOf(plan, step.agent_key);
  const text = storable(said.text);
  const message: OutcomeMessage = { id: ids.uuid(), text, tokens: estimateTokens(text), flags: said.flags };
  const own: SaidMessage = {
    ...message,
    turn_index,
    author: error === null ? "agent" : "failed_agent",
    agent_key: agent.key,
    agent_name: agent.name,
    error_type: error?.type ?? null,
    is_pinned: false,
  };
  const next = nextRound(plan, step, saidTokens(plan, step, { seen: messages, own }));
  return { message, next: next.map((planned) => ({ id: ids.uuid(), ...planned })) };
}

/** The reply is charged; what was called in vain before it, and all of a failure, is not. */
function toCallRows(ids: Ids, { plan, step }: ClaimedStep, { kind, calls }: AgentResult): readonly CallRow[] {
  const agent = agentOf(plan, step.agent_key);
  const isReply = (ordinal: number) => kind === "replied" && ordinal === calls.length - 1;
  return calls.map((call, ordinal) => ({
    ...toCallRow(agent, call),
    id: ids.uuid(),
    ordinal,
    is_charged: isReply(ordinal),
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
