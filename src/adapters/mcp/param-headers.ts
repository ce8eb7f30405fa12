import type { JsonSchema } from "../../domain/json-schema/response-format.ts";
import { asRecord, isRecord } from "../../domain/text/record.ts";
import type { ToolArguments } from "../../domain/tools/tool.ts";
import { headerValue } from "./protocol.ts";

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const maxLevels = 8;

/** The arguments that a tool's schema wants in headers too, for whatever lies in between and reads no bodies. */
export function paramHeaders(parameters: JsonSchema, given: ToolArguments): Readonly<Record<string, string>> {
  return Object.fromEntries(headersAt(parameters, given, maxLevels));
}

function headersAt(schema: JsonSchema, given: unknown, levels: number): readonly (readonly [string, string])[] {
  if (levels === 0 || !isRecord(given)) return [];
  return Object.entries(asRecord(schema.properties)).flatMap(([name, property]) => {
    if (!isRecord(property) || !Object.hasOwn(given, name)) return [];
    const header = property["x-mcp-header"];
    const value = textOf(given[name]);
    const own = typeof header === "string" && token.test(header) && value !== null;
    return [
      ...(own ? [[`mcp-param-${header}`, headerValue(value)] as const] : []),
      ...headersAt(property, given[name], levels - 1),
    ];
  });
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  return null;
}
