import type { StepResult } from "../../contract/step-results.ts";
import type { StepError } from "../../contract/turns.ts";
import type { ContextRejection } from "../../domain/context/fit-window.ts";
import { agentOf } from "../../domain/plan/plan.ts";
import { storable, storableValue } from "../../domain/text/storable.ts";
import { afterFailure, maxAttempts } from "../../domain/turn/outcome.ts";
import { neededWords, nextSteps, replySizes } from "../../domain/turn/rounds.ts";
import { quotedTokens, type SaidMessage } from "../../domain/turn/said.ts";
import { followingSummary, type SummaryTurn } from "../../domain/turn/summary-step.ts";
import { type CallInput, fallbackOf, type PreparedCall } from "../../domain/turn/window.ts";
import type { AgentResult } from "../../graph/run-agent.ts";
import type { Ids } from "../../ports/ids.ts";
import type { NewSummaryTurn } from "../../ports/memory.ts";
import type { ClaimedCall, OutcomeMessage, StepCommit, StepOutcome } from "../../ports/steps.ts";
import type { AwaitedCall } from "../../ports/toolbox.ts";
import { toCallRows, toToolCallRows } from "./call-rows.ts";
import { approvalEvent, toStepEvents } from "./step-events.ts";

export type Outcome = StepOutcome & Pick<StepCommit, "calls" | "tool_calls">;

export interface EndInput {
  readonly ids: Ids;
  readonly claim: ClaimedCall;
  readonly input: CallInput;
  readonly summaryDueThrough: PreparedCall["summaryDueThrough"];
}

/** What an agent's call comes to: its message or its failure, and a ledger row for every attempt. */
export function toCommit(end: EndInput, result: AgentResult): Outcome {
  const calls = toCallRows(end.ids, end.claim, result.calls);
  return { ...toOutcome(end, result), calls, tool_calls: toToolCallRows(end.ids, result.toolCalls) };
}

function toOutcome(end: EndInput, result: AgentResult): StepOutcome {
  switch (result.kind) {
    case "replied":
      return { outcome: "done", error: null, ...toEnd(end, result, null) };
    case "unreadable":
      return fallBack(end, result.fault);
    case "awaiting_approval": {
      const awaited = result.awaited.map(toAwaited);
      return { outcome: "await", checkpoint: result.checkpoint, awaited, events: awaited.map(approvalEvent) };
    }
    case "unfinished":
      return { outcome: "continue", checkpoint: result.checkpoint, events: [], summary: null };
    case "failed":
      return toFailure(end, result);
  }
}

function toAwaited({ id, tool, arguments: given }: AwaitedCall): AwaitedCall {
  return { id, tool, arguments: storableValue(given) };
}

export function rejectedCommit(end: EndInput, rejection: ContextRejection): Outcome {
  const { input_budget, estimated_tokens } = rejection;
  const message = `What must go into the prompt is estimated at ${estimated_tokens} tokens; ${input_budget} fit.`;
  return { ...giveUp(end, { type: "context_budget_exceeded", message }), ...noCalls };
}

export function exhaustedCommit(end: EndInput): Outcome {
  const message = `The agent did not answer in ${maxAttempts} attempts.`;
  return { ...giveUp(end, { type: "attempts_exhausted", message }), ...noCalls };
}

const noCalls = { calls: [], tool_calls: [] };

/** Where a rule can stand in for a reply that nobody could read, it does, and says so. */
function fallBack(end: EndInput, fault: string): StepOutcome {
  const stand = fallbackOf(end.input);
  if (stand === null) return giveUp(end, { type: "invalid_reply", message: storable(fault) });
  return { outcome: "done", error: null, ...toEnd(end, { ...stand, flags: ["fallback"] }, null) };
}

type Failed = Pick<Extract<AgentResult, { readonly kind: "failed" }>, "failure" | "checkpoint">;

function toFailure(end: EndInput, { failure, checkpoint }: Failed): StepOutcome {
  const { attempts, waited_seconds } = end.claim.step;
  const next = afterFailure(failure, { attempts, waitedSeconds: waited_seconds });
  if (next.kind === "retry")
    return { outcome: "retry", retry_after_seconds: next.retryAfterSeconds, is_fault: next.isFault, checkpoint };
  return giveUp(end, { type: failure.type, message: storable(failure.message) });
}

function giveUp(end: EndInput, error: StepError): StepOutcome {
  // The others are told that an agent failed to speak; that nobody routed or ranked is in the log alone.
  const text = end.input.step.purpose === "agent" ? error.message : null;
  return { outcome: "failed", error, ...toEnd(end, { text, result: null, flags: [] }, error) };
}

interface Said {
  readonly text: string | null;
  readonly result: StepResult | null;
  readonly flags: readonly string[];
}

/** The step's message and result, and what follows if no other step is open. */
function toEnd(end: EndInput, { text, flags, ...words }: Said, error: StepError | null) {
  const { ids, claim, input, summaryDueThrough } = end;
  const result = storableValue(words.result);
  const message = text === null ? null : toMessage(ids, text);
  const { plan, seed, step, current, steps } = input;
  const own = message === null ? null : toSaid(claim, message, error);
  const ended = { ...step, isDone: error === null, result };
  const said = replySizes(plan, { index: step.index, sees: claim.step.sees }, { seen: current, own });
  const traces = steps.map((trace) => (trace.index === step.index ? ended : trace));
  const next = nextSteps({ plan, seed, ended, steps: traces }, said);
  const next_needs = neededWords(plan, next, own === null ? current : [...current, own]);
  const mayEnd = next.length === 0 || next_needs.length > 0;
  const after = mayEnd ? followingSummary(input, summaryDueThrough) : null;
  return {
    message,
    result,
    flags,
    events: toStepEvents(result, flags),
    next: next.map((planned) => ({ id: ids.uuid(), ...planned })),
    next_needs,
    summary: null,
    after: after === null ? null : toNewSummary(end, after),
  };
}

function toNewSummary({ ids, input }: EndInput, { plan, step }: SummaryTurn): NewSummaryTurn {
  const covered_through_turn_index = input.window.summary?.through_turn_index ?? 0;
  return { id: ids.uuid(), covered_through_turn_index, plan, step: { id: ids.uuid(), ...step } };
}

function toMessage(ids: Ids, said: string): OutcomeMessage {
  const text = storable(said);
  return { id: ids.uuid(), text, ...quotedTokens(text) };
}

function toSaid(
  { plan, step, turn_index }: ClaimedCall,
  message: OutcomeMessage,
  error: StepError | null,
): SaidMessage {
  const agent = agentOf(plan, step.agent_key);
  return {
    ...message,
    turn_index,
    position: step.index + 1,
    author: error === null ? "agent" : "failed_agent",
    agent_key: agent.key,
    agent_name: agent.name,
    error_type: error?.type ?? null,
    is_pinned: false,
    private_to: null,
    group_id: null,
  };
}
