import type { Assignment, Evaluation, Routing } from "../../contract/step-results.ts";
import type { ResponseFormat } from "../json-schema/response-format.ts";
import { rosterOf } from "../plan/plan.ts";
import { headWithinQuote } from "../speaker/quote.ts";
import { askableKeys, fallbackRouting, managerLimits, maxInstructionBytes, openAdmission } from "./assignments.ts";
import type { PurposeRules, ReadReply, TaskInput } from "./purpose-rules.ts";
import { fieldOf, findKey, findWord, invalid, reasonOf, wordsOf } from "./read-fields.ts";
import { strictObject } from "./strict-object.ts";

/** The manager says who works on what first. */
export const routePurpose: PurposeRules = {
  task: askToRoute,
  format: (input) => formOf("routing", keysIn(input), {}),
  read: readRouting,
  fallback: (input) => ({ result: fallbackRouting({ agentKeys: keysIn(input) }), text: null }),
};

/** The manager says whether that is enough, and who works on what next. */
export const evaluatePurpose: PurposeRules = {
  task: askToEvaluate,
  format: (input) =>
    formOf("evaluation", askableIn(input), { verdict: { type: "string", enum: ["continue", "finish"] } }),
  read: readEvaluation,
  fallback: () => ({ result: { ...finished(""), is_fallback: true }, text: null }),
};

const howToAssign =
  `Choose at most ${managerLimits.agentsPerRound} agents, each once, and give each an instruction that can be followed without ` +
  'knowing the others\'. It reaches that agent alone. The order is "sequence" where each needs what the one before it says, ' +
  'else "parallel".';
const assignmentForm = '"assignments": [{"agent_key": "...", "instruction": "..."}], "order": "parallel"';

function askToRoute(): string {
  return (
    `Say now who works on the user's message. ${howToAssign}\n` +
    `Reply with nothing but JSON: {"reason": "...", ${assignmentForm}}`
  );
}

function askToEvaluate(input: TaskInput): string {
  const maxRounds = Math.min(input.plan.rounds, managerLimits.rounds);
  return (
    `Round ${input.step.round} of at most ${maxRounds} is over. Judge now whether what the agents said is enough to answer the user. ` +
    'If so, the verdict is "finish". If another round would make the answer better, it is "continue": then say who works on what ' +
    `next, and ask for nothing that was asked before. ${howToAssign} You may choose from: ${askableIn(input).join(", ")}\n` +
    `Reply with nothing but JSON: {"reason": "...", "verdict": "finish", ${assignmentForm}}`
  );
}

function formOf(name: string, keys: readonly string[], first: Readonly<Record<string, unknown>>): ResponseFormat {
  const assignment = strictObject({ agent_key: { type: "string", enum: keys }, instruction: { type: "string" } });
  const order = { type: "string", enum: ["parallel", "sequence"] };
  const assignments = { type: "array", items: assignment };
  return { name, schema: strictObject({ reason: { type: "string" }, ...first, assignments, order }) };
}

function readRouting(value: unknown, input: TaskInput): ReadReply {
  const read = readAssignments(value, input);
  if (read.kind === "invalid") return read;
  const { assignments, order } = read;
  const result: Routing = {
    kind: "routing",
    assignments: [...assignments],
    order,
    reason: reasonOf(value),
    is_fallback: false,
  };
  return { kind: "read", result, text: null };
}

function readEvaluation(value: unknown, input: TaskInput): ReadReply {
  const verdict = findWord(fieldOf(value, "verdict"), ["continue", "finish"]);
  if (verdict === null) return invalid('The verdict must be "continue" or "finish".');
  if (verdict === "finish") return { kind: "read", result: finished(reasonOf(value)), text: null };
  const read = readAssignments(value, input);
  if (read.kind === "invalid") return read;
  return { kind: "read", result: goOn(read, reasonOf(value)), text: null };
}

/** What would not be carried out is not kept: a turn whose manager only repeats itself is finished. */
function goOn({ assignments, order }: ReadAssignments, reason: string): Evaluation {
  if (assignments.length === 0) return finished(reason);
  return { kind: "evaluation", verdict: "continue", assignments: [...assignments], order, reason, is_fallback: false };
}

function finished(reason: string): Evaluation {
  return { kind: "evaluation", verdict: "finish", assignments: [], order: "parallel", reason, is_fallback: false };
}

interface ReadAssignments {
  readonly kind: "read";
  readonly assignments: readonly Assignment[];
  readonly order: "parallel" | "sequence";
}

/** Those that are carried out; one that names nobody of the roster, or asks nothing, makes all of it invalid. */
function readAssignments(value: unknown, input: TaskInput): ReadAssignments | ReturnType<typeof invalid> {
  const list = fieldOf(value, "assignments");
  if (!Array.isArray(list)) return invalid("It must be an object with a list of assignments.");
  if (list.length === 0) return invalid("At least one agent must be chosen.");
  const admission = openAdmission({ agentKeys: keysIn(input) }, othersIn(input));
  for (const item of list) {
    if (admission.isFull()) break;
    const agent_key = findKey(fieldOf(item, "agent_key"), keysIn(input));
    if (agent_key === null) return invalid("An assignment has an agent_key of no agent of this turn.");
    const instruction = headWithinQuote(
      wordsOf(fieldOf(item, "instruction"), maxInstructionBytes),
      maxInstructionBytes,
    );
    if (instruction === "") return invalid("An assignment has no instruction.");
    admission.offer({ agent_key, instruction });
  }
  const order = findWord(fieldOf(value, "order"), ["parallel", "sequence"]) ?? "parallel";
  return { kind: "read", assignments: admission.admitted(), order };
}

function othersIn({ steps, step }: TaskInput): TaskInput["steps"] {
  return steps.filter(({ index }) => index !== step.index);
}

function keysIn({ plan }: TaskInput): readonly string[] {
  return rosterOf(plan).map(({ key }) => key);
}

function askableIn(input: TaskInput): readonly string[] {
  const askable = askableKeys(keysIn(input), input.steps);
  return askable.length > 0 ? askable : keysIn(input);
}
