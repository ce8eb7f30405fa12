import type { Fault } from "../json-schema/check-schema.ts";
import type { JsonSchema, ResponseFormat } from "../json-schema/response-format.ts";
import type { ReadReply } from "../modes/purpose-rules.ts";
import type { PlannedStep, TurnPlan } from "../plan/plan.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { planMost } from "./course.ts";

/** Where a value differs from a schema. */
export type ValueCheck = (schema: JsonSchema, value: unknown) => readonly Fault[];

type Step = Pick<PlannedStep, "index" | "purpose">;

/** The form that the user wants of a turn, for the step that gives it: the last one. */
export function responseForm(plan: TurnPlan, step: Step): ResponseFormat | null {
  const schema = plan.response_schema ?? null;
  return schema !== null && isLast(plan, step) ? { name: "response", schema } : null;
}

export function responseTask({ schema }: ResponseFormat): string {
  return `Reply with nothing but JSON that fits this schema:\n${JSON.stringify(schema)}`;
}

/** What the form adds to a prompt: it is sent as a form, and in words for models that know no forms. */
export function responseBytes(plan: TurnPlan, step: Step): number {
  const form = responseForm(plan, step);
  return form === null ? 0 : utf8Bytes(responseTask(form)) + utf8Bytes(JSON.stringify(form.schema)) + 2;
}

export function readResponse({ schema }: ResponseFormat, value: unknown, check: ValueCheck): ReadReply {
  const [fault] = check(schema, value);
  if (fault === undefined) return { kind: "read", result: { kind: "structured", value }, text: JSON.stringify(value) };
  return { kind: "invalid", fault: `At ${fault.pointer === "" ? "the top" : fault.pointer}: ${fault.message}` };
}

/** Who writes the last word, or where nobody does, the last to speak. */
function isLast(plan: TurnPlan, { index, purpose }: Step): boolean {
  const most = planMost(plan);
  if (most.some((step) => step.purpose === "synthesize")) return purpose === "synthesize";
  return index === Math.max(...most.map((step) => step.index));
}
