import { isDeeperThan } from "../json-schema/json-nodes.ts";
import { isRecord } from "../text/record.ts";
import type { ToolArguments } from "./tool.ts";

export type ParsedArguments =
  | { readonly kind: "arguments"; readonly value: ToolArguments }
  | { readonly kind: "invalid"; readonly fault: string };

const maxCharacters = 16_384;
const maxLevels = 32;

/** What a model gave to a tool: one JSON object, or nothing at all for none. */
export function parseArguments(text: string): ParsedArguments {
  if (text.length > maxCharacters) return invalid(`must have at most ${maxCharacters} characters`);
  const value = text.trim() === "" ? {} : parse(text);
  if (value === undefined) return invalid("are not valid JSON");
  if (!isRecord(value)) return invalid("must be one JSON object");
  return isDeeperThan(value, maxLevels)
    ? invalid(`must be nested at most ${maxLevels} levels deep`)
    : { kind: "arguments", value };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(what: string): ParsedArguments {
  return { kind: "invalid", fault: `The arguments ${what}.` };
}
