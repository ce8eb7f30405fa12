import * as z from "zod";
import { matches, type RequestFacts } from "./request-facts.ts";

const ScriptedToolCall = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1),
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
});

/** A part of the wire's usage object; what is left out is computed as for any reply. */
const ScriptedUsage = z.looseObject({
  prompt_tokens: z.number().optional(),
  completion_tokens: z.number().optional(),
  total_tokens: z.number().optional(),
  cost: z.number().nullable().optional(),
});

const ScriptedReply = z.strictObject({
  text: z.string().optional(),
  json: z.unknown().optional(),
  tool_calls: z.array(ScriptedToolCall).optional(),
  finish_reason: z.enum(["stop", "length", "tool_calls", "content_filter", "error"]).optional(),
  usage: ScriptedUsage.optional(),
  model: z.string().optional(),
  contains: z.string().optional(),
  system_contains: z.string().optional(),
  times: z.union([z.int().min(1), z.literal("always")]).default(1),
});
export type ScriptedReply = z.infer<typeof ScriptedReply>;

export const Script = z.array(ScriptedReply);
export type ScriptInput = z.input<typeof Script>;

export interface ScriptBox {
  replace(script: ScriptInput): void;
  clear(): void;
  remaining(): readonly ScriptedReply[];
  /** The first reply whose filter matches; it is used up. */
  take(request: RequestFacts): ScriptedReply | undefined;
}

export function createScriptBox(): ScriptBox {
  let pending: { readonly reply: ScriptedReply; left: number }[] = [];
  return {
    replace(script) {
      pending = Script.parse(script).map((reply) => ({ reply, left: timesOf(reply) }));
    },
    clear() {
      pending = [];
    },
    remaining: () => pending.map(({ reply }) => reply),
    take(request) {
      const found = pending.find(({ reply }) => matches(reply, request));
      if (found === undefined) return undefined;
      found.left -= 1;
      if (found.left <= 0) pending = pending.filter((entry) => entry !== found);
      return found.reply;
    },
  };
}

function timesOf(reply: ScriptedReply): number {
  return reply.times === "always" ? Number.POSITIVE_INFINITY : reply.times;
}
