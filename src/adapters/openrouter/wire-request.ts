import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import type { ChatOpenAICallOptions } from "@langchain/openai";
import { isStrictSchema } from "../../domain/json-schema/is-strict-schema.ts";
import type { ResponseFormat } from "../../domain/json-schema/response-format.ts";
import { asRecord } from "../../domain/text/record.ts";
import type { ToolSpec } from "../../domain/tools/tool.ts";
import type { ModelMessage, ModelRequest, ToolCall } from "../../ports/model.ts";

/** A request's messages as the library takes them. */
export function toWireMessages({ messages }: ModelRequest): BaseMessage[] {
  return messages.map(toWireMessage);
}

/** What a request asks for beyond words; an option that is left out is not sent. */
export function toCallOptions({ format, tools, mayCallTools }: ModelRequest): Partial<ChatOpenAICallOptions> {
  return {
    ...(format === null ? {} : { response_format: toWireFormat(format) }),
    ...(tools.length === 0 ? {} : { tools: tools.map(toWireTool), tool_choice: mayCallTools ? "auto" : "none" }),
  };
}

function toWireMessage(message: ModelMessage): BaseMessage {
  const { content } = message;
  switch (message.role) {
    case "system":
      return new SystemMessage({ content });
    case "user":
      return new HumanMessage({ content });
    case "assistant":
      return new AIMessage({ content, tool_calls: "toolCalls" in message ? message.toolCalls.map(toWireCall) : [] });
    case "tool":
      return new ToolMessage({ content, tool_call_id: message.callId });
  }
}

function toWireCall({ id, name, arguments: given }: ToolCall) {
  return { id, name, args: { ...asRecord(parse(given)) } };
}

// A provider refuses a schema that claims to be strict and is not.
function toWireFormat({ name, schema }: ResponseFormat) {
  return {
    type: "json_schema" as const,
    json_schema: { name, strict: isStrictSchema(schema), schema: { ...schema } },
  };
}

function toWireTool({ name, description, parameters }: ToolSpec) {
  return { type: "function" as const, function: { name, description, parameters: { ...parameters } } };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
