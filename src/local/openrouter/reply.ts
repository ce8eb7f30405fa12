import { Validator } from "@cfworker/json-schema";
import { fillForm } from "./actor/fill-form.ts";
import { readScene, type Scene } from "./actor/scene.ts";
import { speak, wordsOf } from "./actor/speak.ts";
import { chooseToolCalls } from "./actor/use-tools.ts";
import type { ActiveFaults } from "./fault-switches.ts";
import type { JsonSchema, JsonValue } from "./json-value.ts";
import { schemaInstance } from "./schema-instance.ts";
import type { ScriptedReply } from "./script.ts";
import { stableNumber } from "./stable-hash.ts";
import type { ChatRequest, FinishReason, ToolCall } from "./wire.ts";

/** What the model would say, before limits are applied. */
export interface Draft {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
}

export function draftReply(request: ChatRequest, scripted: ScriptedReply | undefined, faults: ActiveFaults): Draft {
  const draft = scripted === undefined ? demoDraft(request) : scriptedDraft(request, scripted);
  if (faults.empty_reply) return said("");
  if (faults.long_reply) return said(longText(request, faults.long_reply.words));
  if (faults.wrong_json) return said(wrongJson(request, draft.text, faults.wrong_json.as));
  if (faults.content_filter) return { ...said(draft.text.slice(0, 40)), finishReason: "content_filter" };
  return draft;
}

function demoDraft(request: ChatRequest): Draft {
  const scene = readScene(request);
  const toolCalls = chooseToolCalls(request, scene);
  if (toolCalls.length > 0) return { text: "", toolCalls, finishReason: "tool_calls" };
  const format = request.response_format;
  if (format?.type === "json_schema") return said(JSON.stringify(formed(scene, format.json_schema)));
  if (format?.type === "json_object") return said(JSON.stringify({ answer: speak(scene), confidence: 0.8 }));
  return said(speak(scene));
}

type Form = Extract<ChatRequest["response_format"], { readonly type: "json_schema" }>["json_schema"];

/** A form that is known by its name as what it is for, if that fits; any other by its schema alone. */
function formed(scene: Scene, { name, schema }: Form): JsonValue {
  const meant = fillForm(name, schema, scene);
  if (meant !== undefined && isIn(schema, meant)) return meant;
  const words = wordsOf(scene);
  return schemaInstance(schema, { seed: scene.seed, words: (index) => words[index % words.length] ?? "" });
}

function isIn(schema: JsonSchema, value: JsonValue): boolean {
  return new Validator(schema, "2020-12").validate(value).valid;
}

function scriptedDraft(request: ChatRequest, scripted: ScriptedReply): Draft {
  const toolCalls = (scripted.tool_calls ?? []).map((call, index): ToolCall => {
    const seed = `${call.name}:${index}:${request.messages.length}`;
    const text = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
    const id = call.id ?? `call_${stableNumber(seed).toString(36)}`;
    return { id, type: "function", function: { name: call.name, arguments: text } };
  });
  const text = scripted.text ?? (scripted.json === undefined ? "" : JSON.stringify(scripted.json));
  const isCalling = toolCalls.length > 0;
  return { text, toolCalls, finishReason: scripted.finish_reason ?? (isCalling ? "tool_calls" : "stop") };
}

function said(text: string): Draft {
  return { text, toolCalls: [], finishReason: "stop" };
}

function longText(request: ChatRequest, words: number): string {
  const source = wordsOf(readScene(request)).join(" ").split(" ");
  return Array.from({ length: words }, (_, index) => source[index % source.length]).join(" ");
}

type WrongShape = NonNullable<ActiveFaults["wrong_json"]>["as"];

function wrongJson(request: ChatRequest, text: string, as: WrongShape): string {
  switch (as) {
    case "prose":
      return "I would rather answer in prose: it depends on what we measure first.";
    case "truncated":
      return text.slice(0, Math.max(1, Math.floor(text.length / 2)));
    case "fenced":
      return `Here is the result:\n\n\`\`\`json\n${text}\n\`\`\``;
    case "other_shape":
      return JSON.stringify(shapeAgainst(request));
  }
}

function shapeAgainst(request: ChatRequest): unknown {
  const shapes: unknown[] = [{ unexpected: { shape: true } }, ["unexpected"], 42, null];
  if (request.response_format?.type !== "json_schema") return shapes[0];
  const validator = new Validator(request.response_format.json_schema.schema, "2020-12");
  return shapes.find((shape) => !validator.validate(shape).valid) ?? shapes[0];
}
