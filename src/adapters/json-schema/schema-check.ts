import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { checkSchema, type Fault, weighSchema } from "../../domain/json-schema/check-schema.ts";
import { weighJson } from "../../domain/json-schema/json-nodes.ts";
import type { JsonSchema } from "../../domain/json-schema/response-format.ts";
import { headOf } from "../../domain/text/utf8.ts";
import type { SchemaCheck } from "../../ports/schema-check.ts";

/** Every part of a schema meets every part of a value at most once: their product bounds the work. */
const maxWork = 1_000_000;
const workForEveryFault = 20_000;
const maxErrors = 1_000;
const maxFaults = 10;
const maxMessageCharacters = 300;

/** Checks without compiling anything: the runtime evaluates no text. */
export function createSchemaCheck(): SchemaCheck {
  return { checkSchema, check };
}

function check(schema: JsonSchema, value: unknown): readonly Fault[] {
  const work = workOf(schema, value);
  if (work > maxWork) return [{ pointer: "", message: "is too large to be checked against its schema" }];
  try {
    // The validator writes its notes into the schema that it is given.
    const validator = new Validator(structuredClone(schema), "2020-12", work > workForEveryFault);
    return toFaults(validator.validate(value).errors);
  } catch {
    return [{ pointer: "", message: "cannot be checked against its schema" }];
  }
}

function workOf(schema: JsonSchema, value: unknown): number {
  const size = weighJson(value, maxWork);
  const isPaired = JSON.stringify(schema).includes('"uniqueItems"');
  return weighSchema(schema) * size + (isPaired ? size * size : 0);
}

/** The innermost of what was found: around it there is only word that a part is wrong. */
function toFaults(errors: readonly OutputUnit[]): readonly Fault[] {
  const looked = errors.slice(0, maxErrors);
  const inner = looked.filter(
    ({ keywordLocation }) => !looked.some((other) => other.keywordLocation.startsWith(`${keywordLocation}/`)),
  );
  return inner.slice(0, maxFaults).map(({ instanceLocation, error }) => ({
    pointer: decodePointer(instanceLocation.slice(1)),
    message: headOf(error, maxMessageCharacters),
  }));
}

function decodePointer(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
