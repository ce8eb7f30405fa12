import * as z from "zod";

const ContentPart = z.looseObject({ type: z.string(), text: z.string().optional() });

const MessageContent = z.union([z.string(), z.array(ContentPart), z.null()]).optional();

const RequestedToolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

export const Message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: MessageContent,
  name: z.string().nullish(),
  tool_calls: z.array(RequestedToolCall).nullish(),
  tool_call_id: z.string().nullish(),
});
export type Message = z.infer<typeof Message>;

export const Tool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});
export type Tool = z.infer<typeof Tool>;

const ToolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }),
]);

const ResponseFormat = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({ name: z.string(), schema: z.record(z.string(), z.unknown()) }),
  }),
]);

export const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: ToolChoice.nullish(),
  response_format: ResponseFormat.nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  reasoning: z.looseObject({ enabled: z.boolean().nullish(), effort: z.string().nullish() }).nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "error";

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export function textOf(message: Message): string {
  if (typeof message.content === "string") return message.content;
  return (message.content ?? []).map((part) => part.text ?? "").join("");
}

export function lastMessageText(request: ChatRequest): string {
  const last = request.messages.at(-1);
  return last === undefined ? "" : textOf(last);
}

export function systemText(request: ChatRequest): string {
  const system = request.messages.filter((message) => message.role === "system" || message.role === "developer");
  return system.map(textOf).join("\n\n");
}

export function outputLimitOf(request: ChatRequest): number | undefined {
  return request.max_completion_tokens ?? request.max_tokens ?? undefined;
}
