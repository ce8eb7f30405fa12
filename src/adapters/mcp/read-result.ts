import { isDeeperThan } from "../../domain/json-schema/json-nodes.ts";
import { asList, asRecord, isRecord } from "../../domain/text/record.ts";
import { headOf } from "../../domain/text/utf8.ts";
import type { ToolAnswer, ToolSpec } from "../../domain/tools/tool.ts";

export const maxTools = 32;
const maxNameCharacters = 128;
const maxDescriptionCharacters = 1_024;
const maxSchemaCharacters = 8_192;
const maxLevels = 64;

type Result = Readonly<Record<string, unknown>>;

/** The tools of one page that can be offered to a model. */
export function readTools({ tools }: Result): readonly ToolSpec[] {
  return asList(tools).flatMap((tool) => {
    const { name, description, inputSchema } = asRecord(tool);
    if (typeof name !== "string" || name === "" || name.length > maxNameCharacters) return [];
    if (!isRecord(inputSchema) || inputSchema.type !== "object") return [];
    if (isDeeperThan(inputSchema, maxLevels) || JSON.stringify(inputSchema).length > maxSchemaCharacters) return [];
    return [{ name, description: describe(description), parameters: inputSchema }];
  });
}

export function readCursor({ nextCursor }: Result): string | null {
  return typeof nextCursor === "string" && nextCursor !== "" && nextCursor.length <= 1_024 ? nextCursor : null;
}

/** What a tool said, as text: other kinds of content are named. */
export function readToolResult(result: Result): ToolAnswer {
  const { resultType = "complete", content, structuredContent, isError } = result;
  if (resultType !== "complete")
    return { kind: "failed", text: "The tool asks for something back before it goes on, which is not supported." };
  const parts = asList(content).map(describePart);
  const said = parts.length > 0 ? parts.join("\n") : structured(structuredContent);
  const text = said === "" ? "(no content)" : said;
  return { kind: isError === true ? "failed" : "ok", text };
}

function structured(value: unknown): string {
  if (value === undefined) return "";
  return isDeeperThan(value, maxLevels) ? "[nested too deeply to be shown]" : JSON.stringify(value);
}

function describe(description: unknown): string {
  const text = typeof description === "string" ? description.replace(/[^\P{Cc}\n\t]/gu, " ").trim() : "";
  return headOf(text, maxDescriptionCharacters);
}

function describePart(part: unknown): string {
  const { type, text, mimeType, uri, resource } = asRecord(part);
  if (type === "text" && typeof text === "string") return text;
  if (type === "resource_link") return `[link to ${shown(uri)}]`;
  const inner = asRecord(resource);
  if (type === "resource" && typeof inner.text === "string") return inner.text;
  return `[${shown(type)} of type ${shown(mimeType ?? inner.mimeType)}, not shown]`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? headOf(value, 200) : "unknown";
}
