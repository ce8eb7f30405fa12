import type { Composed } from "../src/compose.ts";
import { createStepApp } from "../src/http/queue-app.ts";

/** The queue's entrypoint: one agent call per delivery. */
export function openStep({ ports }: Composed) {
  return createStepApp(ports);
}
