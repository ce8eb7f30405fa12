import { utf8Bytes } from "../text/utf8.ts";
import { maxCallsOfOneReply, maxToolCalls, type ToolSpec } from "./tool.ts";

const maxBytesOfBuiltIn = 1_024;
const maxBytesOfOne = 4_096;
const maxBytesOfAll = 16_384;
/** Around each on the wire. */
const overheadBytes = 64;

/** Built-in tools whose results are short, whatever they are given. */
const terse = ["calculator", "clock"];
const maxTerseBytes = 640;

const maxResultBytes = 8_192;
const maxBytesOfResults = 24_576;
const minResultBytes = 512;
const maxRefusalBytes = 256;

/**
 * How many bytes the tools may be described in that allowed names stand for, with their server's name or without: what is held for
 * a step counts on it.
 */
export function descriptionBudget(allowed: readonly string[]): number {
  return allowed.reduce((sum, name) => sum + budgetOfName(name), 0);
}

function budgetOfName(name: string): number {
  if (name === "*" || name.endsWith("/*")) return maxBytesOfAll;
  return name.includes("/") ? maxBytesOfOne : maxBytesOfBuiltIn;
}

/**
 * How many bytes the next result of a step may have in its quote, after results of so many: half of what all may have together, so that
 * there is always room for another.
 */
export function nextResultBudget(usedBytes: number): number {
  const half = Math.floor((maxBytesOfResults - usedBytes) / 2);
  return Math.max(minResultBytes, Math.min(maxResultBytes, half));
}

/**
 * The most bytes of each of a step's results, with the tools that a list of allowed names has. The more a result takes the less is left
 * to those after it, which go into fewer prompts: it is dearest when each takes all that it may.
 */
export function resultBudgets(allowed: readonly string[]): readonly number[] {
  const isTerse = allowed.every((name) => terse.includes(name));
  const rooms: number[] = [];
  let used = 0;
  while (rooms.length < maxToolCalls) {
    const room = isTerse ? maxTerseBytes : nextResultBudget(used);
    rooms.push(room);
    used += room;
  }
  return rooms;
}

/** What a reply that asks for too much is answered with, call by call. */
export const refusalBudgets: readonly number[] = Array.from({ length: maxCallsOfOneReply }, () => maxRefusalBytes);

/** In the order given, those that fit. */
export function fittingSpecs(tools: readonly ToolSpec[], room: number): readonly ToolSpec[] {
  let left = room;
  return tools.filter(({ name, description, parameters }) => {
    const bytes = utf8Bytes(JSON.stringify({ name, description, parameters })) + overheadBytes;
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}
