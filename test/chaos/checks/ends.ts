import type { Snapshot, StepRow, TurnRow } from "../simulation/snapshot-rows.ts";
import { authorOf, isRefused } from "./words-of.ts";

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
  const wanted = isRefused(turn) ? "failed" : statusOf(own);
  const failed = own.filter(({ status }) => status === "failed").length;
  return [
    ...(over.includes(turn.status) && !turn.is_active ? [] : [`lost: turn ${turn.id} is ${turn.status} for ever`]),
    ...open.map((step) => `lost: step ${step.id} is ${step.status} for ever`),
    ...(turn.status === wanted ? [] : [`ended: turn ${turn.id} is ${turn.status}; its steps make it ${wanted}`]),
    ...((turn.status === "failed") === (turn.error !== null)
      ? []
      : [`ended: turn ${turn.id} is ${turn.status} for the error ${turn.error?.type ?? "of none"}`]),
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
  if (!steps.some(({ status }) => status === "failed")) return "completed";
  return steps.some(({ purpose, status }) => purpose === "agent" && status === "done") ? "partial" : "failed";
}

/** The user's message, but in a summary, and one for each step that says something aloud or fails to. */
function messageViolations(
  messages: Snapshot["messages"],
  turn: TurnRow,
  steps: readonly StepRow[],
): readonly string[] {
  const said = messages.filter(({ turn_id }) => turn_id === turn.id);
  const wanted = [...(turn.mode === "summary" ? [] : ["0 user"]), ...steps.flatMap(wantedMessage)];
  const found = said.map(({ position, author }) => `${position} ${author}`);
  return [
    ...wanted.filter((line) => !found.includes(line)).map((line) => `lost: turn ${turn.id} lacks message ${line}`),
    ...found
      .filter((line) => !wanted.includes(line))
      .map((line) => `doubled: turn ${turn.id} has message ${line} too many`),
    ...(new Set(found).size === found.length ? [] : [`doubled: turn ${turn.id} has two messages in one place`]),
  ];
}

function wantedMessage(step: StepRow): readonly string[] {
  const author = authorOf(step);
  return author === null ? [] : [`${step.step_index + 1} ${author}`];
}

/** Turns of the conversation are numbered upwards, those beside it downwards. */
function sessionViolations({ turns }: Snapshot, session: Snapshot["sessions"][number]): readonly string[] {
  const indexes = turns.filter(({ session_id }) => session_id === session.id).map(({ turn_index }) => turn_index);
  const above = indexes.filter((index) => index > 0);
  const below = indexes.filter((index) => index <= 0).reverse();
  const isExact = above.length === session.turn_count && above.every((index, place) => index === place + 1);
  return isExact && below.every((index, place) => index === -1 - place)
    ? []
    : [`counted: session ${session.id} counts ${session.turn_count} turns and has ${indexes.join(" ")}`];
}
