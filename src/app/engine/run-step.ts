import { maxAttempts } from "../../domain/turn/outcome.ts";
import type { ClaimedStep } from "../../ports/steps.ts";
import type { OutboxMessage } from "../../ports/turns.ts";
import { commitSurely } from "./commit-surely.ts";
import { performCall } from "./perform-call.ts";
import { type Performed, performSummary } from "./perform-summary.ts";
import { createDeltaPublisher, type DeltaPublisher } from "./publish-deltas.ts";
import { publishOutbox } from "./publish-outbox.ts";
import { alreadyDone, comeBack, poison, type QueueAnswer, tryAgain } from "./queue-answer.ts";
import { parseStepMessage, type StepMessage, turnNamedIn } from "./step-message.ts";
import type { StepPorts } from "./step-ports.ts";

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
      return publish(ports, claim.outbox);
    case "not_ready":
      ports.log.warn("step_not_ready", { turn_id: message.turn, step_id: message.step });
      return comeBack(notReadyAgainSeconds);
    case "leased":
      return comeBack(claim.retry_after_seconds);
    case "won":
      return answerFor(ports, await performWithLiveUpdates(ports, message, claim, claim.outbox));
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
  if (turn !== null) await publishOutbox(ports, await ports.steps.failTurn(turn, poisonError));
  return poison(ports.log, event, { turn_id: turn, ...(step === undefined ? {} : { step_id: step }) });
}

/** Whoever watches is told of the claim while the model speaks, and of the commit while the queue is. */
async function performWithLiveUpdates(
  ports: StepPorts,
  message: StepMessage,
  claim: ClaimedStep,
  outbox: readonly OutboxMessage[],
): Promise<Performed> {
  const { turn, step } = message;
  const told = ports.live.tell(turn, { kind: "wake" });
  await publishOutbox(ports, outbox);
  const deltaPublisher = createDeltaPublisher(ports, {
    turn,
    step,
    agentKey: claim.step.agent_key,
    token: claim.token,
  });
  const performed = await perform(ports, message, claim, deltaPublisher.onDelta);
  await Promise.all([told, deltaPublisher.settled()]);
  return performed;
}

type OnDelta = DeltaPublisher["onDelta"];

async function perform(
  ports: StepPorts,
  message: StepMessage,
  claim: ClaimedStep,
  onDelta: OnDelta,
): Promise<Performed> {
  if ("unsummarized" in claim) return performSummary(ports, message, claim);
  const commit = await performCall(ports, { message, claim, onDelta });
  return { commit, committed: await commitSurely(ports, commit) };
}

async function answerFor(ports: StepPorts, { commit, committed }: Performed): Promise<QueueAnswer> {
  switch (committed.kind) {
    case "stale":
      return comeBack(notReadyAgainSeconds);
    case "fenced":
      ports.log.warn("step_fenced", { turn_id: commit.turn, step_id: commit.step, token: commit.token });
      return alreadyDone;
    case "cancelled":
      return publish(ports, committed.outbox);
    case "committed":
    case "already":
      if (commit.outcome !== "retry") return publishAndWake(ports, commit.turn, committed.outbox);
      // The step's own message comes back by itself; what else there is, is for those who listen.
      if (committed.kind === "committed") await publishAndWake(ports, commit.turn, committed.outbox);
      return tryAgain(commit.retry_after_seconds);
  }
}

async function publishAndWake(ports: StepPorts, turn: string, outbox: readonly OutboxMessage[]): Promise<QueueAnswer> {
  const [answer] = await Promise.all([publish(ports, outbox), ports.live.tell(turn, { kind: "wake" })]);
  return answer;
}

async function publish(ports: StepPorts, outbox: readonly OutboxMessage[]): Promise<QueueAnswer> {
  return (await publishOutbox(ports, outbox)) ? alreadyDone : { kind: "failed" };
}
