import { headOf } from "../domain/text/utf8.ts";
import { parseArguments } from "../domain/tools/parse-arguments.ts";
import { maxCallsOfOneReply } from "../domain/tools/tool.ts";
import type { AskedMessage, ToolCall } from "../ports/model.ts";
import type { PendingCall } from "./agent-tool.ts";

const maxNameCharacters = 64;
const maxArgumentCharacters = 20_000;

export interface Asked {
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

export interface TakenCalls {
  readonly message: AskedMessage;
  readonly pending: readonly PendingCall[];
}

/**
 * A reply's calls under ids of our own. What a person agrees to is one call and never another: not one to which the
 * provider gave the same id, and not what the model asks for when the step begins anew. `earlier` is how many the step
 * has made before.
 */
export function takeCalls({ text, calls }: Asked, earlier: number): TakenCalls {
  const pending = calls.slice(0, maxCallsOfOneReply).map((call, index): PendingCall => {
    const number = earlier + index + 1;
    const given = headOf(call.arguments, maxArgumentCharacters);
    return { id: crypto.randomUUID(), name: speakable(call.name), arguments: given, number };
  });
  return { message: { role: "assistant", content: text, toolCalls: pending.map(toSaid) }, pending };
}

/** Nine letters and digits: the one form of an id that all providers take. */
export function wireIdOf({ number }: PendingCall): string {
  return `call${String(number).padStart(5, "0")}`;
}

// What goes back to a provider must be of the form that it asks for, whatever its model made of it.
function toSaid(call: PendingCall): ToolCall {
  const parsed = parseArguments(call.arguments);
  return {
    id: wireIdOf(call),
    name: call.name,
    arguments: parsed.kind === "arguments" ? JSON.stringify(parsed.value) : "{}",
  };
}

function speakable(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, maxNameCharacters) || "_";
}
