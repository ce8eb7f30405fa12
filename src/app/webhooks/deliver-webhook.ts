import { DeliveryMessage } from "../../contract/delivery-message.ts";
import { decideNext, hasFailedTooLong, type NextStep, type SendResult } from "../../domain/webhook/retry-schedule.ts";
import { secretsInForce } from "../../domain/webhook/signature.ts";
import { writeBody } from "../../domain/webhook/write-body.ts";
import type { ClaimedDelivery, DeliveryCommit, DeliveryStore } from "../../ports/deliveries.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { WebhookSender } from "../../ports/webhook-sender.ts";
import { publishOutbox } from "../engine/publish-outbox.ts";
import { alreadyDone, comeBack, poison, type QueueAnswer } from "../engine/queue-answer.ts";

interface DeliverPorts {
  readonly deliveries: DeliveryStore;
  readonly log: Log;
  readonly queue: Queue;
  readonly webhookSender: WebhookSender;
}

/** Above all that one attempt may take. */
const leaseSeconds = 60;

/** One attempt of one webhook: claim, send, commit. The next attempt is a message of its own, as late as the schedule says. */
export async function deliverWebhook(ports: DeliverPorts, body: string): Promise<QueueAnswer> {
  const message = parse(body);
  if (message === null) return poison(ports.log, "unreadable_delivery_message", {});
  const { delivery } = message;
  const claim = await ports.deliveries.claim({ delivery, lease_seconds: leaseSeconds });
  switch (claim.kind) {
    case "unknown":
      return poison(ports.log, "unknown_delivery", { delivery_id: delivery });
    case "over":
      return alreadyDone;
    case "leased":
      return comeBack(claim.retry_after_seconds);
    case "won": {
      const committed = await ports.deliveries.commit(toCommit(delivery, claim, await send(ports, delivery, claim)));
      if (committed.kind === "committed") await publishOutbox(ports, committed.outbox);
      return alreadyDone;
    }
  }
}

function send({ webhookSender }: DeliverPorts, id: string, claim: ClaimedDelivery): Promise<SendResult> {
  const { url, type, event } = claim;
  const body = writeBody({ type, timestamp: event.created_at, data: event.data });
  return webhookSender.send({ id, url, body, secrets: secretsOf(claim) });
}

function secretsOf({ secret, previous_secret, previous_secret_expires_at, now }: ClaimedDelivery): readonly string[] {
  const previous =
    previous_secret === null || previous_secret_expires_at === null
      ? null
      : { secret: previous_secret, expiresAt: new Date(previous_secret_expires_at) };
  return secretsInForce({ secret, previous }, new Date(now));
}

function toCommit(delivery: string, claim: ClaimedDelivery, result: SendResult): DeliveryCommit {
  const next = decideNext(result, claim.attempt);
  const isAnswered = result.kind === "answered";
  return {
    delivery,
    number: claim.number,
    outcome: result.kind,
    response_status: isAnswered ? result.status : null,
    latency_ms: isAnswered ? result.latencyMs : null,
    excerpt: isAnswered ? result.excerpt : null,
    reason: isAnswered ? null : result.reason,
    next: next.kind === "gone" ? "failed" : next.kind,
    wait_seconds: next.kind === "retry" ? next.waitSeconds : null,
    disables: disables(claim, next),
  };
}

function disables({ failing_since, now }: ClaimedDelivery, next: NextStep): DeliveryCommit["disables"] {
  if (next.kind === "succeeded") return null;
  if (next.kind === "gone") return "gone";
  return failing_since !== null && hasFailedTooLong(new Date(failing_since), new Date(now)) ? "failing" : null;
}

function parse(body: string): DeliveryMessage | null {
  try {
    return DeliveryMessage.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}
