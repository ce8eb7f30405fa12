import type { JsonSchema } from "../json-schema/response-format.ts";

/** What a model is told of a tool. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

export interface Tool extends ToolSpec {
  /** A person has to agree to every single call. */
  readonly requiresApproval: boolean;
}

export type ToolArguments = Readonly<Record<string, unknown>>;

export type ToolAnswer =
  | { readonly kind: "ok"; readonly text: string }
  /** In words that the model may act on. */
  | { readonly kind: "failed"; readonly text: string };

/** Of one step. The call after the last is answered with a refusal, and tools are withdrawn. */
export const maxToolCalls = 8;
/** What a reply asks for beyond these is not heard. */
export const maxCallsOfOneReply = 16;
