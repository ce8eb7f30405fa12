import { isDeeperThan } from "../domain/json-schema/json-nodes.ts";

export type ParsedReply =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "invalid"; readonly fault: string };

const fence = /^```(?:json)?\s([\s\S]*)```$/i;
const deepest = 64;

/** A reply that is one JSON value, in a fence or without; words around it make it none. */
export function parseJsonReply(reply: string): ParsedReply {
  const text = reply.trim();
  const value = parse(fence.exec(text)?.[1] ?? text);
  if (value === undefined) return { kind: "invalid", fault: "It is not one JSON value." };
  if (isDeeperThan(value, deepest)) return { kind: "invalid", fault: `It is nested more than ${deepest} levels deep.` };
  return { kind: "json", value };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
