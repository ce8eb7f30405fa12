import { PantheonError } from "../../contract/errors.ts";
import { WebhookDeliveryId, type WebhookEndpointId } from "../../contract/ids.ts";
import type { Pinged, Redelivered } from "../../contract/redelivery.ts";
import type { Caller } from "../../ports/caller.ts";
import type { AllAgain, DeliveryStore, WantedAgain } from "../../ports/deliveries.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { WebhookStore } from "../../ports/webhooks.ts";
import { publishOutbox } from "../engine/publish-outbox.ts";
import { found, notFound } from "../not-found.ts";

interface SendPorts {
  readonly deliveries: Pick<DeliveryStore, "ping" | "redeliver">;
  readonly webhooks: Pick<WebhookStore, "find" | "findDelivery">;
  readonly ids: Ids;
  readonly log: Log;
  readonly queue: Queue;
}

const maxAtOnce = 1000;

/** An event that says nothing, to see that an endpoint is there and checks signatures. */
export async function pingEndpoint(ports: SendPorts, caller: Caller, endpoint: WebhookEndpointId): Promise<Pinged> {
  const id = WebhookDeliveryId.parse(ports.ids.uuid());
  const ping = await ports.deliveries.ping(caller, id, endpoint);
  switch (ping.kind) {
    case "missing":
      throw notFound();
    case "disabled":
      throw switchedOff();
    case "pinged":
      await publishOutbox(ports, ping.outbox);
      return { delivery_id: id };
  }
}

/** All of an endpoint's since a moment, the oldest first. */
export async function sendAllAgain(ports: SendPorts, caller: Caller, wanted: AllAgain): Promise<Redelivered> {
  const endpoint = found(await ports.webhooks.find(caller, wanted.endpoint));
  if (endpoint.status !== "active") throw switchedOff();
  return sendAgain(ports, caller, wanted);
}

export async function sendOneAgain(ports: SendPorts, caller: Caller, id: WebhookDeliveryId): Promise<Redelivered> {
  const delivery = found(await ports.webhooks.findDelivery(caller, id));
  const endpoint = await ports.webhooks.find(caller, delivery.endpoint_id);
  if (endpoint?.status !== "active") throw switchedOff();
  return sendAgain(ports, caller, { delivery: delivery.id });
}

/** Deliveries that are over go out once more, with the ids that they had; those under way are left alone. */
async function sendAgain(ports: SendPorts, caller: Caller, wanted: WantedAgain): Promise<Redelivered> {
  const { renewed, next_since, outbox } = await ports.deliveries.redeliver(caller, wanted, maxAtOnce);
  await publishOutbox(ports, outbox);
  return { redelivered: renewed, next_since };
}

function switchedOff(): PantheonError {
  return new PantheonError("conflict", "The endpoint is switched off or deleted: nothing is sent to it.");
}
