import { deliveryMessageVersion } from "../../contract/delivery-message.ts";
import { PantheonError } from "../../contract/errors.ts";
import { stepMessageVersion } from "../../contract/step-message.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue, QueueMessage } from "../../ports/queue.ts";
import type { OutboxMessage } from "../../ports/turns.ts";

interface OutboxPorts {
  readonly queue: Queue;
  readonly log: Log;
}

/** False when the queue could not be told; the messages stay in the outbox and the sweep publishes them. */
export async function publishOutbox({ queue, log }: OutboxPorts, outbox: readonly OutboxMessage[]): Promise<boolean> {
  if (outbox.length === 0) return true;
  try {
    await queue.publish(outbox.map(toQueueMessage));
    return true;
  } catch (error) {
    const failed = { messages: outbox.length, error: error instanceof Error ? error.message : "unknown" };
    const refusal = error instanceof PantheonError ? error.details.refusal : undefined;
    if (refusal === undefined) log.warn("publish_failed", failed);
    else log.error("publish_refused", { ...failed, words: refusal });
    return false;
  }
}

/** Ids only, so that a message is as short for the thousandth turn as for the first. */
function toQueueMessage(message: OutboxMessage): QueueMessage {
  const { target, generation, attempt, delay_seconds } = message;
  return {
    ...bodyOf(message),
    deduplicationId: `${target}-${generation}-${attempt}`,
    ...(delay_seconds > 0 ? { delaySeconds: delay_seconds } : {}),
  };
}

function bodyOf({ kind, target, turn }: OutboxMessage): Pick<QueueMessage, "entrypoint" | "body"> {
  switch (kind) {
    case "step":
      return { entrypoint: "steps", body: JSON.stringify({ v: stepMessageVersion, turn, step: target }) };
    case "delivery":
      return { entrypoint: "deliveries", body: JSON.stringify({ v: deliveryMessageVersion, delivery: target }) };
  }
}
