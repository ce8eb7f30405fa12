import type { CoreState } from "./core-state.ts";
import type { EventState } from "./event-log.ts";
import type { Answer, Message, PublishRequest, PublishResult } from "./message.ts";
import { decideOutcome } from "./outcome.ts";

const longestAttemptMs = 15 * 60_000;
const downCheckMs = 250;

export const messagePrefix = "message:";

export function publish(core: CoreState, request: PublishRequest): PublishResult {
  const { deduplicationId, delayMs = 0, ...settings } = request;
  const original = deduplicationId === undefined ? undefined : core.dedup.find(deduplicationId);
  if (original !== undefined) {
    core.counts.deduplicated += 1;
    return { messageId: original, deduplicated: true };
  }
  const createdAt = core.clock.now();
  const times = { createdAt, dueAt: createdAt + delayMs, retried: 0 };
  const message: Message = { ...settings, ...times, messageId: core.newId(), ordinal: core.nextOrdinal };
  core.nextOrdinal += 1;
  core.counts.published += 1;
  if (deduplicationId !== undefined) core.dedup.remember(deduplicationId, message.messageId);
  record(core, message, "CREATED");
  if (core.faults.strike("drop", String(message.ordinal))) core.counts.dropped += 1;
  else accept(core, message);
  return { messageId: message.messageId };
}

function accept(core: CoreState, message: Message): void {
  save(core, message);
  arm(core, message);
  const duplicate = core.faults.strike("duplicate", String(message.ordinal));
  if (duplicate === undefined) return;
  core.counts.duplicated += 1;
  const send = () => track(core, core.deliver({ message, isDuplicate: true }).then(noop, noop));
  core.clock.schedule(Math.max(message.dueAt, core.clock.now()) + duplicate.after_ms, send);
}

function forget(core: CoreState, { messageId }: Message): void {
  core.messages.delete(messageId);
  core.journal.remove(`${messagePrefix}${messageId}`);
}

function record(core: CoreState, message: Message, state: EventState, error?: string): void {
  const nextDeliveryTime = state === "RETRY" ? { nextDeliveryTime: message.dueAt } : {};
  const failure = error === undefined ? {} : { error };
  core.events.add({ time: core.clock.now(), state, message, ...nextDeliveryTime, ...failure });
}

function save(core: CoreState, message: Message): void {
  core.messages.set(message.messageId, message);
  const stored = { ...message, dueAt: core.clock.toWall(message.dueAt) };
  core.journal.put(`${messagePrefix}${message.messageId}`, stored);
}

/** Puts a saved message on its way. */
export function arm(core: CoreState, message: Message): void {
  const dueAt = Math.max(message.dueAt, core.clock.now()) + faultDelayMs(core, message);
  core.clock.schedule(dueAt, () => admit(core, message));
}

function faultDelayMs(core: CoreState, message: Message): number {
  const key = attemptKey(message);
  const late = core.faults.strike("delay", key)?.ms ?? 0;
  const reorder = core.faults.strike("reorder", key);
  return late + (reorder === undefined ? 0 : Math.floor(core.faults.chance(`window:${key}`) * reorder.window_ms));
}

function admit(core: CoreState, message: Message): void {
  const { messageId } = message;
  if (core.faults.current().down) {
    core.clock.schedule(core.clock.now() + downCheckMs, () => admit(core, message));
    return;
  }
  if (message.flowControl === undefined) attempt(core, message);
  else core.flows.enter(message.flowControl.key, messageId, () => attempt(core, message));
}

function attempt(core: CoreState, message: Message): void {
  core.counts.attempts += 1;
  record(core, message, "ACTIVE");
  const timedOut: Answer = { kind: "failure", error: "request timed out" };
  if (core.faults.strike("hang_delivery", attemptKey(message))) {
    const timeoutAt = core.clock.now() + (message.timeoutMs ?? longestAttemptMs);
    core.clock.schedule(timeoutAt, () => conclude(core, message, timedOut));
    return;
  }
  const isLost = core.faults.strike("lose_answer", attemptKey(message)) !== undefined;
  const answered = core.deliver({ message, isDuplicate: false }).catch(toFailure);
  track(
    core,
    answered.then((answer) => conclude(core, message, isLost ? timedOut : answer)),
  );
}

function conclude(core: CoreState, message: Message, answer: Answer): void {
  if (core.isFrozen) return;
  if (message.flowControl !== undefined) core.flows.leave(message.flowControl.key, message.messageId);
  const outcome = decideOutcome(message, answer, core.clock.wall());
  if (outcome.kind === "retry") retry(core, message, { answer, afterMs: outcome.afterMs });
  else if (outcome.kind === "dead") bury(core, message, answer);
  else finish(core, message);
}

function finish(core: CoreState, message: Message): void {
  core.counts.delivered += 1;
  record(core, message, "DELIVERED");
  forget(core, message);
}

function retry(core: CoreState, message: Message, failed: { readonly answer: Answer; readonly afterMs: number }): void {
  const dueAt = core.clock.now() + failed.afterMs;
  const next: Message = { ...message, retried: message.retried + 1, dueAt };
  core.counts.retried += 1;
  record(core, message, "ERROR", describeFailure(failed.answer));
  record(core, next, "RETRY");
  save(core, next);
  arm(core, next);
}

function bury(core: CoreState, message: Message, answer: Answer): void {
  core.counts.dead += 1;
  record(core, message, "ERROR", describeFailure(answer));
  record(core, message, "FAILED");
  forget(core, message);
}

function track(core: CoreState, work: Promise<void>): void {
  core.inFlight.add(work);
  void work.finally(() => core.inFlight.delete(work));
}

function attemptKey(message: Message): string {
  return `${message.ordinal}:${message.retried}`;
}

function describeFailure(answer: Answer): string {
  return answer.kind === "failure" ? answer.error : `status ${answer.status}`;
}

function toFailure(error: unknown): Answer {
  return { kind: "failure", error: error instanceof Error ? error.message : String(error) };
}

function noop(): void {}
