import type { StepMessage } from "../../contract/step-message.ts";
import { agentOf, rosterOf } from "../../domain/plan/plan.ts";
import { toTraces } from "../../domain/plan/traces.ts";
import { buildCall, type CallInput, type PreparedCall } from "../../domain/turn/window.ts";
import * as graph from "../../graph/run-agent.ts";
import type { ClaimedCall, StepCommit } from "../../ports/steps.ts";
import type { DeltaPublisher } from "./publish-deltas.ts";
import type { StepPorts } from "./step-ports.ts";
import { exhaustedCommit, rejectedCommit, toCommit } from "./to-commit.ts";
import { openToolbox } from "./toolbox.ts";

export interface StepCall {
  readonly message: StepMessage;
  readonly claim: ClaimedCall;
  readonly onDelta: DeltaPublisher["onDelta"];
}

/** One agent's call, and all that follows from what came of it: nothing is written yet. */
export async function performCall(ports: StepPorts, stepCall: StepCall): Promise<StepCommit> {
  const { message, claim } = stepCall;
  const input = toCallInput(message, claim);
  const call = buildCall(input, ports.schemaCheck.check);
  const isSent = !claim.is_exhausted && call.rejected === null;
  // Of a run that goes on, the prompt that it began with is the one that is sent, and is audited.
  const isAudited = !isSent || claim.checkpoint === null;
  const promptHash = isSent && isAudited ? await ports.digest.sha256Hex(JSON.stringify(call.messages)) : null;
  return {
    turn: message.turn,
    step: message.step,
    token: claim.token,
    audit_id: ports.ids.uuid(),
    audit: isAudited ? { ...call.audit, ...estimateOf(claim, call), promptHash } : null,
    ...(await outcomeOf(ports, stepCall, { input, call })),
  };
}

function toCallInput({ turn }: StepMessage, claim: ClaimedCall): CallInput {
  const { plan, step, turn_index, window, messages, steps } = claim;
  return {
    plan,
    step: { ...step, agentKey: step.agent_key },
    seed: turn,
    turnIndex: turn_index,
    window,
    current: messages,
    steps: toTraces(steps),
    promptBound: step.prompt_bound,
  };
}

/** Only of what is sent as it was counted: no conversation that goes on, no form and no tools. */
function estimateOf({ checkpoint, toolbox }: ClaimedCall, { format, audit }: PreparedCall) {
  const isCounted = checkpoint === null && toolbox === null && format === null;
  return { estimatedByClass: isCounted ? audit.estimatedByClass : null };
}

interface Prepared {
  readonly input: CallInput;
  readonly call: PreparedCall;
}

async function outcomeOf(ports: StepPorts, stepCall: StepCall, { input, call }: Prepared) {
  const end = { ids: ports.ids, claim: stepCall.claim, input, summaryDueThrough: call.summaryDueThrough };
  if (stepCall.claim.is_exhausted) return exhaustedCommit(end);
  if (call.rejected !== null) return rejectedCommit(end, call.rejected);
  return toCommit(end, await callAgent(ports, stepCall, call));
}

async function callAgent(ports: StepPorts, { claim, onDelta }: StepCall, call: PreparedCall) {
  const { plan, step, checkpoint } = claim;
  const { modelTimeoutSeconds, stepDeadlineSeconds } = ports.turnSettings;
  const agent = agentOf(plan, step.agent_key);
  return graph.runAgent(ports, {
    threadId: step.id,
    messages: call.messages,
    providerModel: agent.provider_model,
    maxOutputTokens: call.maxOutputTokens,
    modelTimeoutMs: modelTimeoutSeconds * 1000,
    deadlineAtMs: ports.clock.now().getTime() + stepDeadlineSeconds * 1000,
    roster: rosterOf(plan),
    self: agent,
    format: call.format,
    readReply: call.readReply,
    ...(await openToolbox(ports, claim)),
    checkpoint,
    onDelta,
  });
}
