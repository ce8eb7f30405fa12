import { utf8Bytes } from "../meter/utf8.ts";
import { mostResultBytes, type ToolSpec } from "./tool.ts";

const mostBytesOfBuiltIn = 1_024;
const mostBytesOfOne = 4_096;
const mostBytesOfAll = 16_384;
/** Around each on the wire. */
const overheadBytes = 64;

/** Built-in tools whose results are short, whatever they are given. */
const terse = ["calculator", "clock"];
const mostTerseBytes = 512;

/**
 * How many bytes the tools may be described in that allowed names stand for, with their server's name or without: what is held for
 * a step counts on it.
 */
export function specRoom(allowed: readonly string[]): number {
  return allowed.reduce((sum, name) => sum + roomOf(name), 0);
}

function roomOf(name: string): number {
  if (name === "*" || name.endsWith("/*")) return mostBytesOfAll;
  return name.includes("/") ? mostBytesOfOne : mostBytesOfBuiltIn;
}

/** The most bytes of one result of the tools that a list of allowed names has. */
export function resultRoom(allowed: readonly string[]): number {
  return allowed.every((name) => terse.includes(name)) ? mostTerseBytes : mostResultBytes;
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
