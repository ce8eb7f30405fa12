import type { Aftermath } from "./aftermath.ts";
import { findAuditViolations } from "./audits.ts";
import { findCallViolations } from "./calls.ts";
import { findCarryViolations } from "./carried.ts";
import { findClientViolations } from "./clients.ts";
import { findCourseViolations } from "./course.ts";
import { findEndViolations } from "./ends.ts";
import { findLogViolations } from "./log.ts";
import { findMemoryViolations } from "./memory.ts";
import { findMoneyViolations } from "./money.ts";
import { findWebhookViolations } from "./webhooks.ts";

/** Everything that must be true of a schedule at its end and is not; the word before the colon says of which kind. */
export function findViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot, chronicle, isAtRest } = aftermath;
  return [
    ...(isAtRest ? [] : ["lost: the schedule never came to rest"]),
    ...chronicle.surprises.map((surprise) => `surprise: ${surprise}`),
    ...snapshot.stuck.map(({ id }) => `stuck: turn ${id}`),
    ...snapshot.findings.map(
      ({ finding, subject }) => `${finding.endsWith("stuck") ? "stuck" : "changed"}: ${finding} (${subject})`,
    ),
    ...snapshot.outbox.map(({ target_id }) => `left: the outbox still holds a message for ${target_id}`),
    ...findEndViolations(snapshot),
    ...findCourseViolations(snapshot),
    ...findLogViolations(snapshot),
    ...findCallViolations(aftermath),
    ...findMoneyViolations(aftermath),
    ...findWebhookViolations(aftermath),
    ...findCarryViolations(aftermath),
    ...findAuditViolations(aftermath),
    ...findMemoryViolations(aftermath),
    ...findClientViolations(aftermath),
  ];
}
