import { utf8Bytes } from "../text/utf8.ts";
import { mostCallsOfOneReply, mostToolCalls, type ToolSpec } from "./tool.ts";

const mostBytesOfBuiltIn = 1_024;
const mostBytesOfOne = 4_096;
const mostBytesOfAll = 16_384;
/** Around each on the wire. */
const overheadBytes = 64;

/** Built-in tools whose results are short, whatever they are given. */
const terse = ["calculator", "clock"];
const mostTerseBytes = 640;

const mostResultBytes = 8_192;
const mostBytesOfResults = 24_576;
const leastResultBytes = 512;
const mostRefusalBytes = 256;

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

/**
 * How many bytes the next result of a step may have in its quote, after results of so many: half of what all may have together, so that
 * there is always room for another.
 */
export function nextResultRoom(usedBytes: number): number {
  const half = Math.floor((mostBytesOfResults - usedBytes) / 2);
  return Math.max(leastResultBytes, Math.min(mostResultBytes, half));
}

/**
 * The most bytes of each of a step's results, with the tools that a list of allowed names has. The more a result takes the less is left
 * to those after it, which go into fewer prompts: it is dearest when each takes all that it may.
 */
export function resultRooms(allowed: readonly string[]): readonly number[] {
  const isTerse = allowed.every((name) => terse.includes(name));
  const rooms: number[] = [];
  let used = 0;
  while (rooms.length < mostToolCalls) {
    const room = isTerse ? mostTerseBytes : nextResultRoom(used);
    rooms.push(room);
    used += room;
  }
  return rooms;
}

/** What a reply that asks for too much is answered with, call by call. */
export const refusalRooms: readonly number[] = Array.from({ length: mostCallsOfOneReply }, () => mostRefusalBytes);

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
