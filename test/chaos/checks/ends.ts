import type { Snapshot, StepRow, TurnRow } from "../simulation/snapshot.ts";

const ended = ["done", "failed", "cancelled"];
const over = ["completed", "partial", "failed", "cancelled"];

/** Turns and steps end as their outcomes say, with one message each, and a session counts its turns. */
export function findEndViolations(snapshot: Snapshot): readonly string[] {
  return [
    ...snapshot.turns.flatMap((turn) => turnViolations(snapshot, turn)),
    ...snapshot.sessions.flatMap((session) => sessionViolations(snapshot, session)),
  ];
}

function turnViolations({ steps, messages }: Snapshot, turn: TurnRow): readonly string[] {
  const own = steps.filter(({ turn_id }) => turn_id === turn.id);
  const open = own.filter(({ status }) => !ended.includes(status));
  const wanted = statusOf(own);
  const failed = own.filter(({ status }) => status === "failed").length;
  return [
    ...(over.includes(turn.status) && !turn.is_active ? [] : [`lost: turn ${turn.id} is ${turn.status} for ever`]),
    ...open.map((step) => `lost: step ${step.id} is ${step.status} for ever`),
    ...(turn.status === wanted ? [] : [`ended: turn ${turn.id} is ${turn.status}; its steps make it ${wanted}`]),
    ...(own.length === turn.total_steps
      ? []
      : [`ended: turn ${turn.id} has ${own.length} of ${turn.total_steps} steps`]),
    ...(failed === turn.failed_steps
      ? []
      : [`ended: turn ${turn.id} counts ${turn.failed_steps} failures of ${failed}`]),
    ...(turn.pending_steps === 0 ? [] : [`ended: turn ${turn.id} waits for ${turn.pending_steps} steps`]),
    ...messageViolations(messages, turn, own),
  ];
}

function statusOf(steps: readonly StepRow[]): string {
  if (steps.some(({ status }) => status === "cancelled")) return "cancelled";
  const failed = steps.filter(({ status }) => status === "failed").length;
  if (failed === 0) return "completed";
  return failed === steps.length ? "failed" : "partial";
}

/** The user's message, and one for each step that spoke or failed; none for a cancelled one. */
function messageViolations(
  messages: Snapshot["messages"],
  turn: TurnRow,
  steps: readonly StepRow[],
): readonly string[] {
  const said = messages.filter(({ turn_id }) => turn_id === turn.id);
  const wanted = ["0 user", ...steps.flatMap(wantedMessage)];
  const found = said.map(({ position, author }) => `${position} ${author}`);
  return [
    ...wanted.filter((line) => !found.includes(line)).map((line) => `lost: turn ${turn.id} lacks message ${line}`),
    ...found
      .filter((line) => !wanted.includes(line))
      .map((line) => `doubled: turn ${turn.id} has message ${line} too many`),
    ...(new Set(found).size === found.length ? [] : [`doubled: turn ${turn.id} has two messages in one place`]),
  ];
}

function wantedMessage({ step_index, status }: StepRow): readonly string[] {
  if (status === "done") return [`${step_index + 1} agent`];
  return status === "failed" ? [`${step_index + 1} failed_agent`] : [];
}

function sessionViolations({ turns }: Snapshot, session: Snapshot["sessions"][number]): readonly string[] {
  const indexes = turns.filter(({ session_id }) => session_id === session.id).map(({ turn_index }) => turn_index);
  const isExact = indexes.length === session.turn_count && indexes.every((index, place) => index === place + 1);
  return isExact
    ? []
    : [`counted: session ${session.id} counts ${session.turn_count} turns and has ${indexes.join(" ")}`];
}
