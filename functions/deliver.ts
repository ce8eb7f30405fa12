import type { Composed } from "../src/compose.ts";
import { createDeliveryApp } from "../src/http/queue-app.ts";

/** The queue's other entrypoint: one attempt of one webhook per delivery. */
export function openDeliver({ ports }: Composed) {
  return createDeliveryApp(ports);
}
