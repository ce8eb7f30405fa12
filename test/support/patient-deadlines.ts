import type { Deadlines } from "../../src/compose/deadlines.ts";

const patienceMs = 300_000;

/** A slow machine reaches none of these: a test that needs a dependency down lets it refuse. */
export const patientDeadlines: Deadlines = {
  databaseMs: patienceMs,
  dnsMs: patienceMs,
  liveMs: patienceMs,
  probeMs: patienceMs,
  publishMs: patienceMs,
  throttleMs: patienceMs,
  tokenMs: patienceMs,
  toolMs: patienceMs,
  webhookMs: patienceMs,
};
