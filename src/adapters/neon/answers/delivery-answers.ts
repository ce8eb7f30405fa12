import type { DeliveryClaim, DeliveryCommitted, Ping, Redelivery } from "../../../ports/deliveries.ts";
import { outbox } from "./outbox-shapes.ts";
import type { Answer } from "./parse-answer.ts";
import { anything, byKind, count, nullable, object, text } from "./shape.ts";

const withOutbox = object({ outbox });

export const pingAnswer: Answer<Ping> = {
  from: "pantheon_ping_endpoint",
  shape: byKind({ missing: anything, disabled: anything, pinged: withOutbox } satisfies Record<Ping["kind"], unknown>),
};

export const redeliveryAnswer: Answer<Redelivery> = {
  from: "pantheon_redeliver",
  shape: object({ renewed: count, next_since: nullable(text), outbox }),
};

const won = object({
  number: count,
  attempt: count,
  url: text,
  secret: text,
  previous_secret: nullable(text),
  previous_secret_expires_at: nullable(text),
  failing_since: nullable(text),
  now: text,
  type: text,
  event: object({ created_at: text, data: anything }),
});

export const deliveryClaimAnswer: Answer<DeliveryClaim> = {
  from: "pantheon_claim_delivery",
  shape: byKind({
    unknown: anything,
    over: anything,
    leased: object({ retry_after_seconds: count }),
    won,
  } satisfies Record<DeliveryClaim["kind"], unknown>),
};

export const deliveryCommitAnswer: Answer<DeliveryCommitted> = {
  from: "pantheon_commit_delivery",
  shape: byKind({ committed: withOutbox, fenced: anything } satisfies Record<DeliveryCommitted["kind"], unknown>),
};
