import { rosterOf } from "../plan/plan.ts";
import type { SeenMessage, TaskInput } from "./purpose-rules.ts";
import { shuffleBy } from "./shuffle.ts";

type Anonymous = Pick<TaskInput, "plan" | "step" | "seed"> & { readonly seen: readonly SeenMessage[] };

export interface LabelledAnswer {
  readonly label: string;
  readonly agentKey: string;
  readonly messageId: string;
}

/** The answers that a step may rank, labelled in an order of its own: those that came, without its own. */
export function labelledAnswers({ plan, step, seen, seed }: Anonymous): readonly LabelledAnswer[] {
  const seated = new Set(rosterOf(plan).map(({ key }) => key));
  const idByKey = new Map<string, string>();
  for (const { id, author, agent_key } of seen) {
    if (author === "agent" && agent_key !== null && agent_key !== step.agentKey && seated.has(agent_key))
      idByKey.set(agent_key, id);
  }
  return shuffleBy(`${seed}\n${step.agentKey}`, [...idByKey.keys()]).map((agentKey, place) => ({
    label: labelOf(place),
    agentKey,
    messageId: idByKey.get(agentKey) ?? "",
  }));
}

/** What of its turn goes into a step's prompt, in order: one that ranks sees the labelled answers and nothing that names an agent. */
export function shownTo<Said extends SeenMessage>(
  input: Omit<Anonymous, "seen">,
  seen: readonly Said[],
): readonly Said[] {
  if (input.step.purpose !== "rank") return seen;
  const answers = labelledAnswers({ ...input, seen });
  return [
    ...seen.filter(({ author }) => author === "user"),
    ...answers.flatMap(({ messageId }) => seen.filter(({ id }) => id === messageId)),
  ];
}

/** Under which labels messages go into the prompt of a step that must not know whose they are. */
export function labelsFor(input: Anonymous): ReadonlyMap<string, string> {
  if (input.step.purpose !== "rank") return new Map();
  return new Map(labelledAnswers(input).map(({ messageId, label }) => [messageId, label]));
}

const letters = 26;

/** A to Z, then AA, AB and so on. */
function labelOf(place: number): string {
  const last = String.fromCharCode(65 + (place % letters));
  return place < letters ? last : labelOf(Math.floor(place / letters) - 1) + last;
}
