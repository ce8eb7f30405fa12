import { isDeepStrictEqual } from "node:util";
import type { Snapshot, StepRow, SummaryRow, TurnRow } from "../simulation/snapshot-rows.ts";
import { authorOf } from "./words-of.ts";

const terminal = ["turn.completed", "turn.partial", "turn.failed", "turn.cancelled"];

type Event = Snapshot["events"][number];

/** The log of a turn has no gap, says each thing once, and ends with how the turn ended and why it failed. */
export function findLogViolations({ turns, steps, events, summaries }: Snapshot): readonly string[] {
  return turns.flatMap((turn) => {
    const log = events.filter(({ turn_id }) => turn_id === turn.id);
    const own = steps.filter(({ turn_id }) => turn_id === turn.id);
    return [...orderViolations(turn, log), ...own.flatMap((step) => stepViolations(step, log, summaries))];
  });
}

function orderViolations(turn: TurnRow, log: readonly Event[]): readonly string[] {
  const isGapless = log.every(({ seq }, place) => seq === place + 1) && log.length === turn.last_seq;
  const ends = log.filter(({ type }) => terminal.includes(type));
  const starts = log.filter(({ type }) => type === "turn.started");
  return [
    ...(isGapless
      ? []
      : [`log: turn ${turn.id} ends at ${turn.last_seq} and has ${log.map(({ seq }) => seq).join(" ")}`]),
    ...(log[0]?.type === "turn.created" ? [] : [`log: turn ${turn.id} begins with ${log[0]?.type}`]),
    ...(ends.length <= 1 ? [] : [`doubled: turn ${turn.id} ended ${ends.length} times`]),
    ...(starts.length <= 1 ? [] : [`doubled: turn ${turn.id} started ${starts.length} times`]),
    ...(log.at(-1)?.type === `turn.${turn.status}`
      ? []
      : [`log: turn ${turn.id} is ${turn.status}, its log ends otherwise`]),
    ...(turn.status !== "failed" || isDeepStrictEqual(log.at(-1)?.data.error, turn.error)
      ? []
      : [`log: turn ${turn.id} failed for another reason than its log tells`]),
  ];
}

const typeByResult = { routing: "turn.routed", evaluation: "turn.routed", ranking: "ranking.cast", vote: "vote.cast" };

function stepViolations(step: StepRow, log: readonly Event[], summaries: readonly SummaryRow[]): readonly string[] {
  const count = (type: string) => log.filter((event) => event.type === type && event.data.step_id === step.id).length;
  const { status, flags, result } = step;
  const kind = result?.kind === "structured" ? undefined : result?.kind;
  const wanted = [
    ["message.completed", authorOf(step) === "agent" ? 1 : 0],
    ["agent.silent", status === "done" && flags.includes("silent") ? 1 : 0],
    ["step.failed", status === "failed" ? 1 : 0],
    ["summary.created", summaries.filter(({ step_id }) => step_id === step.id).length],
    ...Object.values(typeByResult).map(
      (type) => [type, kind !== undefined && typeByResult[kind] === type ? 1 : 0] as const,
    ),
  ] as const;
  return [
    ...wanted
      .filter(([type, times]) => count(type) !== times)
      .map(([type, times]) => `${count(type) > times ? "doubled" : "log"}: step ${step.id} has ${count(type)} ${type}`),
    ...(count("step.started") <= 1 ? [] : [`doubled: step ${step.id} started ${count("step.started")} times`]),
  ];
}
