import { PantheonError } from "../../src/contract/errors.ts";
import type { Queue, QueueMessage } from "../../src/ports/queue.ts";

export interface FakeQueue extends Queue {
  /** Every publish that was accepted, one entry per request. */
  readonly requests: readonly (readonly QueueMessage[])[];
  /** What would be delivered now: first of its deduplication id, and no longer delayed. */
  due(): readonly QueueMessage[];
  advance(ms: number): void;
  failNext(count: number): void;
}

export function createFakeQueue(): FakeQueue {
  const requests: (readonly QueueMessage[])[] = [];
  const acceptedById = new Map<string, { readonly message: QueueMessage; readonly dueAt: number }>();
  let nowMs = 0;
  let failuresLeft = 0;
  return {
    requests,
    due: () => [...acceptedById.values()].filter(({ dueAt }) => dueAt <= nowMs).map(({ message }) => message),
    advance: (ms) => {
      nowMs += ms;
    },
    failNext: (count) => {
      failuresLeft = count;
    },
    async publish(messages) {
      if (messages.length === 0) return;
      if (failuresLeft > 0) {
        failuresLeft -= 1;
        throw new PantheonError("dependency_unavailable", "The queue is not available (fake).");
      }
      requests.push(messages);
      for (const message of messages) {
        if (acceptedById.has(message.deduplicationId)) continue;
        acceptedById.set(message.deduplicationId, { message, dueAt: nowMs + (message.delaySeconds ?? 0) * 1000 });
      }
    },
  };
}
