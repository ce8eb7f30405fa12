import { Validator } from "@cfworker/json-schema";
import { generateSync } from "json-schema-faker";
import { isJsonValue, type JsonSchema, type JsonValue } from "./json-value.ts";
import { stableNumber } from "./stable-hash.ts";

export interface Wording {
  readonly seed: string;
  /** What to say the n-th time that words are wanted. */
  words(index: number): string;
}

const maxTries = 40;

/** A value that fits, the same for the same seed; its free texts are sentences. */
export function schemaInstance(schema: JsonSchema, wording: Wording): JsonValue {
  const validator = new Validator(schema, "2020-12");
  const first = stableNumber(wording.seed) % 1_000_000;
  let value: JsonValue = null;
  for (let tries = 0; tries < maxTries; tries += 1) {
    value = generate(schema, first + tries, wording);
    if (validator.validate(value).valid) return value;
  }
  return value;
}

function generate(schema: JsonSchema, seed: number, wording: Wording): JsonValue {
  let index = 0;
  const value: unknown = generateSync(schema, {
    seed,
    alwaysFakeOptionals: true,
    maxDefaultItems: 2,
    outputTransform: (made, place) => {
      if (typeof made !== "string" || typeof place === "boolean" || isBound(place)) return made;
      const text = [...wording.words(index)].slice(0, place.maxLength);
      index += 1;
      return text.length < (place.minLength ?? 0) ? made : text.join("");
    },
  });
  return isJsonValue(value) ? value : null;
}

function isBound(schema: JsonSchema): boolean {
  return ["const", "enum", "format", "pattern"].some((keyword) => schema[keyword] !== undefined);
}
