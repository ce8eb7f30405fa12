import { utf8Bytes } from "../meter/utf8.ts";
import type { ToolSpec } from "./tool.ts";

const mostBytesOfOne = 4_096;
const mostBytesOfAll = 16_384;
/** Around each on the wire. */
const overheadBytes = 64;

/** How many bytes the tools may be described in that a list of allowed names stands for: what is held for a step counts on it. */
export function specRoom(allowed: readonly string[]): number {
  return allowed.reduce(
    (sum, name) => sum + (name === "*" || name.endsWith("/*") ? mostBytesOfAll : mostBytesOfOne),
    0,
  );
}

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
