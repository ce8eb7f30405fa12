import { isJsonSchema, type JsonSchema, type JsonValue } from "../json-value.ts";
import { shuffled, stableFraction } from "../stable-hash.ts";
import lines from "./lines.json" with { type: "json" };
import { takeMinutes } from "./minutes.ts";
import type { Scene } from "./scene.ts";
import { isOneIn, oneOf, quoteOf } from "./speak.ts";

const maxAsked = 3;

/** What is answered in a form that is known by its name; undefined for any other. */
export function fillForm(name: string, schema: JsonSchema, scene: Scene): JsonValue | undefined {
  switch (name) {
    case "routing":
      return { reason: oneOf(lines.reasons.routing, scene.seed), ...assign(schema, scene) };
    case "evaluation":
      return evaluate(schema, scene);
    case "ranking":
      return rank(schema, scene);
    case "vote":
      return vote(schema, scene);
    case "summary":
      return takeMinutes(scene);
    default:
      return undefined;
  }
}

function assign(schema: JsonSchema, { seed }: Scene) {
  const keys = enumAt(schema, ["properties", "assignments", "items", "properties", "agent_key"]).slice(0, maxAsked);
  const instructions = shuffled(lines.instructions, seed);
  return {
    assignments: keys.map((agent_key, index) => ({ agent_key, instruction: instructions[index] ?? "" })),
    order: isOneIn(4, seed, "order") ? "sequence" : "parallel",
  };
}

function evaluate(schema: JsonSchema, scene: Scene): JsonValue {
  const { reasons } = lines;
  if (isOneIn(3, scene.seed, "verdict"))
    return { reason: oneOf(reasons.continue, scene.seed), verdict: "continue", ...assign(schema, scene) };
  return { reason: oneOf(reasons.finish, scene.seed), verdict: "finish", assignments: [], order: "parallel" };
}

function rank(schema: JsonSchema, scene: Scene): JsonValue {
  const ranking = byMerit(enumAt(schema, ["properties", "ranking", "items"]), scene);
  return { reason: reasonFor("ranking", ranking[0], scene), ranking };
}

function vote(schema: JsonSchema, scene: Scene): JsonValue {
  const choice = byMerit(enumAt(schema, ["properties", "choice"]), scene)[0] ?? null;
  const confidence = 55 + Math.floor(stableFraction(scene.seed) * 40);
  return { reason: reasonFor("vote", choice ?? undefined, scene), choice, confidence };
}

function reasonFor(form: "ranking" | "vote", mark: string | undefined, scene: Scene): string {
  const text = saidUnder(mark, scene);
  if (text === undefined) return lines.reasons.own;
  return oneOf(lines.reasons[form], scene.seed).replaceAll("{quote}", () => quoteOf(text));
}

/** By what is said under each mark, whatever the mark is: mostly what all would think, and a little of one's own taste. */
function byMerit(marks: readonly string[], scene: Scene): readonly string[] {
  const merit = (mark: string) => {
    const text = saidUnder(mark, scene) ?? scene.self;
    return 0.7 * stableFraction(text) + 0.3 * stableFraction(scene.self, text);
  };
  return marks.toSorted((left, right) => merit(right) - merit(left));
}

function saidUnder(mark: string | undefined, { quotes }: Scene): string | undefined {
  return quotes.findLast(({ marks }) => mark !== undefined && marks.includes(mark))?.text;
}

function enumAt(schema: JsonSchema, path: readonly string[]): readonly string[] {
  const found = path.reduce<unknown>((node, name) => (isJsonSchema(node) ? node[name] : undefined), schema);
  const values = isJsonSchema(found) ? found.enum : undefined;
  return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
}
