import { maxAttempts } from "../domain/turn/outcome.ts";
import { type PreparedCall, prepareCall } from "../domain/turn/window.ts";
import * as graph from "../graph/run-agent.ts";
import type { ClaimedStep, Committed, StepCommit } from "../ports/steps.ts";
import type { Letter } from "../ports/turns.ts";
import { commitSurely } from "./commit-surely.ts";
import { postLetters } from "./post-letters.ts";
import { alreadyDone, comeBack, poison, type QueueAnswer, tryAgain } from "./queue-answer.ts";
import { parseStepMessage, type StepMessage, turnNamedIn } from "./step-message.ts";
import type { StepPorts } from "./step-ports.ts";
import { createDeltaTeller } from "./tell-deltas.ts";
import { exhaustedCommit, rejectedCommit, toCommit } from "./to-commit.ts";

const notReadyAgainSeconds = 5;

/** One delivery of one step: claim, call the model, commit, tell the queue. Any number of deliveries make one effect. */
export async function runStep(ports: StepPorts, body: string): Promise<QueueAnswer> {
  const message = parseStepMessage(body);
  if (message === null) return discard(ports, "unreadable_step_message", { turn: turnNamedIn(body) });
  const claim = await ports.steps.claim(claimRequest(ports, message));
  switch (claim.kind) {
    case "unknown":
      return discard(ports, "unknown_step", message);
    case "over":
    case "finished":
      return publish(ports, claim.letters);
    case "not_ready":
      ports.log.warn("step_not_ready", { turn_id: message.turn, step_id: message.step });
      return comeBack(notReadyAgainSeconds);
    case "leased":
      return comeBack(claim.retry_after_seconds);
    case "won":
      return answerFor(ports, await performAloud(ports, message, claim, claim.letters));
  }
}

function claimRequest({ ids, turnSettings }: StepPorts, { turn, step }: StepMessage) {
  return {
    turn,
    step,
    lease_seconds: turnSettings.leaseSeconds,
    max_attempts: maxAttempts,
    recent_turns: turnSettings.context.recentTurnsToKeep,
    lost_id: ids.uuid(),
  };
}

interface Discarded {
  readonly turn: string | null;
  readonly step?: string;
}

const poisonError = { type: "poison_message", message: "A message of this turn cannot be carried out." };

/** No redelivery can help: the queue drops the message, and the turn it was for does not wait for it. */
async function discard(ports: StepPorts, event: string, { turn, step }: Discarded): Promise<QueueAnswer> {
  if (turn !== null) await postLetters(ports, await ports.steps.failTurn(turn, poisonError));
  return poison(ports.log, event, { turn_id: turn, ...(step === undefined ? {} : { step_id: step }) });
}

interface Performed {
  readonly commit: StepCommit;
  readonly committed: Committed;
}

/** Whoever watches is told of the claim while the model speaks, and of the commit while the queue is. */
async function performAloud(
  ports: StepPorts,
  message: StepMessage,
  claim: ClaimedStep,
  letters: readonly Letter[],
): Promise<Performed> {
  const { turn, step } = message;
  const told = ports.live.tell(turn, { kind: "wake" });
  await postLetters(ports, letters);
  const teller = createDeltaTeller(ports, { turn, step, agentKey: claim.step.agent_key, token: claim.token });
  const performed = await perform(ports, message, claim, teller.onDelta);
  await Promise.all([told, teller.settled()]);
  return performed;
}

type OnDelta = ReturnType<typeof createDeltaTeller>["onDelta"];

async function perform(
  ports: StepPorts,
  message: StepMessage,
  claim: ClaimedStep,
  onDelta: OnDelta,
): Promise<Performed> {
  const call = prepareCall({
    plan: claim.plan,
    agentKey: claim.step.agent_key,
    turnIndex: claim.turn_index,
    history: claim.history,
    current: claim.messages,
    promptBound: claim.step.prompt_bound,
  });
  const base = {
    turn: message.turn,
    step: message.step,
    token: claim.token,
    audit_id: ports.ids.uuid(),
    audit: call.audit,
  };
  const commit = { ...base, ...(await outcomeOf(ports, claim, call, onDelta)) };
  return { commit, committed: await commitSurely(ports, commit) };
}

async function outcomeOf(ports: StepPorts, claim: ClaimedStep, call: PreparedCall, onDelta: OnDelta) {
  if (claim.is_exhausted) return exhaustedCommit(ports.ids, claim);
  if (call.rejected !== null) return rejectedCommit(ports.ids, claim, call.rejected);
  return toCommit(ports.ids, claim, await callAgent(ports, claim, call, onDelta));
}

function callAgent(ports: StepPorts, { plan, step, checkpoint }: ClaimedStep, call: PreparedCall, onDelta: OnDelta) {
  const { modelTimeoutSeconds, stepDeadlineSeconds } = ports.turnSettings;
  const agent = plan.agents.find(({ key }) => key === step.agent_key);
  if (agent === undefined) throw new Error(`the plan has no agent ${step.agent_key}`);
  return graph.runAgent(ports, {
    threadId: step.id,
    messages: call.messages,
    providerModel: agent.provider_model,
    maxOutputTokens: call.maxOutputTokens,
    modelTimeoutMs: modelTimeoutSeconds * 1000,
    deadlineAtMs: ports.clock.now().getTime() + stepDeadlineSeconds * 1000,
    roster: plan.agents,
    self: agent,
    checkpoint,
    onDelta,
  });
}

async function answerFor(ports: StepPorts, { commit, committed }: Performed): Promise<QueueAnswer> {
  switch (committed.kind) {
    case "fenced":
      ports.log.warn("step_fenced", { turn_id: commit.turn, step_id: commit.step, token: commit.token });
      return alreadyDone;
    case "cancelled":
      return alreadyDone;
    case "committed":
    case "already":
      if (commit.outcome === "retry") return tryAgain(commit.retry_after_seconds);
      return publishAloud(ports, commit.turn, committed.letters);
  }
}

async function publishAloud(ports: StepPorts, turn: string, letters: readonly Letter[]): Promise<QueueAnswer> {
  const [answer] = await Promise.all([publish(ports, letters), ports.live.tell(turn, { kind: "wake" })]);
  return answer;
}

async function publish(ports: StepPorts, letters: readonly Letter[]): Promise<QueueAnswer> {
  return (await postLetters(ports, letters)) ? alreadyDone : { kind: "failed" };
}
