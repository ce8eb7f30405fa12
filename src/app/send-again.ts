import type { WebhookEndpointId } from "../contract/ids.ts";
import type { Caller } from "../ports/caller.ts";
import type { DeliveryStore, WantedAgain } from "../ports/deliveries.ts";
import type { Ids } from "../ports/ids.ts";
import type { Log } from "../ports/log.ts";
import type { Queue } from "../ports/queue.ts";
import { found } from "./not-found.ts";
import { postLetters } from "./post-letters.ts";
import { json, type Reply } from "./reply.ts";

interface SendPorts {
  readonly deliveries: Pick<DeliveryStore, "ping" | "redeliver">;
  readonly ids: Ids;
  readonly log: Log;
  readonly queue: Queue;
}

const mostAtOnce = 1000;

/** An event that says nothing, to see that an endpoint is there and checks signatures. */
export async function pingEndpoint(ports: SendPorts, caller: Caller, endpoint: WebhookEndpointId): Promise<Reply> {
  const id = ports.ids.uuid();
  await postLetters(ports, found(await ports.deliveries.ping(caller, id, endpoint)));
  return json(202, { delivery_id: id });
}

/** Deliveries that are over go out once more, with the ids that they had; those under way are left alone. */
export async function sendAgain(ports: SendPorts, caller: Caller, wanted: WantedAgain): Promise<Reply> {
  const { renewed, letters } = await ports.deliveries.redeliver(caller, wanted, mostAtOnce);
  await postLetters(ports, letters);
  return json(202, { redelivered: renewed });
}
