import { isDeepStrictEqual } from "node:util";
import { outcomeOf, rulesByMode } from "../../../src/domain/modes/mode.ts";
import type { PlannedStep } from "../../../src/domain/plan/plan.ts";
import { toTraces } from "../../../src/domain/plan/traces.ts";
import { modeInput } from "../../../src/domain/turn/course.ts";
import type { Snapshot, StepRow, TurnRow } from "../simulation/snapshot-rows.ts";
import { authorOf } from "./words-of.ts";

/** Each turn has the steps that its mode wants of it, every group of them once, within the bounds, and comes to its outcome. */
export function findCourseViolations({ turns, steps, messages }: Snapshot): readonly string[] {
  return turns.flatMap((turn) => {
    const own = steps.filter(({ turn_id, purpose }) => turn_id === turn.id && purpose !== "summarize");
    const replies = messages.filter(({ turn_id, position }) => turn_id === turn.id && position > 0).length;
    return [
      ...stepViolations(turn, own),
      ...(turn.mode === "orchestrator" ? boundViolations(turn, own) : []),
      ...outcomeViolations(turn, own),
      ...(replies <= turn.plan.most_replies
        ? []
        : [`course: turn ${turn.id} has ${replies} replies, more than planned`]),
    ];
  });
}

function stepViolations(turn: TurnRow, own: readonly StepRow[]): readonly string[] {
  const wanted = new Map(courseOf(turn, own).map((step) => [step.index, step]));
  const lacking = [...wanted.keys()].filter((index) => !own.some(({ step_index }) => step_index === index));
  return [
    ...lacking.map((index) => `lost: turn ${turn.id} lacks step ${index}`),
    ...own.flatMap((step) => {
      const planned = wanted.get(step.step_index);
      if (planned === undefined) return [`doubled: turn ${turn.id} has step ${step.step_index} too many`];
      return isAsPlanned(step, planned) ? [] : [`course: step ${step.id} is not the one that follows`];
    }),
  ];
}

function isAsPlanned(step: StepRow, { purpose, agentKey, round, sees, instruction }: PlannedStep): boolean {
  const { agent_key, sees: seen } = step;
  const found = [step.purpose, agent_key, step.round, seen, step.instruction];
  return isDeepStrictEqual(found, [purpose, agentKey, round, [...sees], instruction]);
}

/** The turn planned again from how its steps ended: as far as all of a group have. */
function courseOf({ id, mode, plan }: TurnRow, own: readonly StepRow[]): readonly PlannedStep[] {
  if (mode === "summary") return [];
  const rules = rulesByMode[mode];
  const input = modeInput(plan, id);
  const course = [...rules.begin(input)];
  for (let group: readonly PlannedStep[] = course; group.length > 0; ) {
    const last = group.at(-1)?.index ?? 0;
    if (!group.every(({ index }) => own.some((step) => step.step_index === index && hasEnded(step)))) break;
    const traces = tracesOf(own.filter(({ step_index }) => step_index <= last));
    const ended = traces.find(({ index }) => index === last);
    const next = ended === undefined ? [] : rules.next(input, ended, traces);
    group = rules.needsWords && !isAboutWords(next, own) ? [] : next;
    course.push(...group);
  }
  return course;
}

/** Of what is seen of before, something was said; who sees nothing of before needs nothing. */
function isAboutWords(next: readonly PlannedStep[], own: readonly StepRow[]): boolean {
  const first = next[0]?.index ?? 0;
  const seen = next.flatMap(({ sees }) => sees.filter((index) => index < first));
  return seen.length === 0 || own.some((step) => seen.includes(step.step_index) && authorOf(step) === "agent");
}

function hasEnded({ status }: StepRow): boolean {
  return status === "done" || status === "failed";
}

function tracesOf(steps: readonly StepRow[]) {
  return toTraces(steps.map((step) => ({ ...step, index: step.step_index })));
}

const most = { inRound: 3, rounds: 3, inAll: 12 };

function boundViolations({ id }: TurnRow, own: readonly StepRow[]): readonly string[] {
  const asked = own.filter(({ purpose }) => purpose === "agent");
  const rounds = [...new Set(asked.map(({ round }) => round))];
  const isWithin = (round: number) => {
    const keys = asked.filter((step) => step.round === round).map(({ agent_key }) => agent_key);
    return keys.length <= most.inRound && new Set(keys).size === keys.length;
  };
  const isBounded = asked.length <= most.inAll && rounds.length <= most.rounds && rounds.every(isWithin);
  return isBounded ? [] : [`course: the manager of turn ${id} asked ${asked.length} times in ${rounds.length} rounds`];
}

/** Whoever was asked counts, and nobody twice. */
function outcomeViolations({ id, mode }: TurnRow, own: readonly StepRow[]): readonly string[] {
  const outcome = outcomeOf(mode, tracesOf(own));
  const asked = own.filter(({ purpose }) => purpose === "rank" || purpose === "vote");
  if (outcome === null) return asked.length === 0 ? [] : [`course: turn ${id} comes to nothing`];
  const read = asked.filter(({ status, flags }) => status === "done" && !flags.includes("fallback")).length;
  const isRight =
    outcome.kind === "ranking"
      ? outcome.ballots === read
      : outcome.voters === asked.length && outcome.votes + outcome.abstained.length === read;
  return isRight ? [] : [`course: turn ${id} counts otherwise than its ${read} answers`];
}
