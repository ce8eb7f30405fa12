import type { SourceFile } from "./tree.ts";

const LINES_WANTED = 200;
const LINES_ALLOWED = 300;

export function longFiles(files: readonly SourceFile[], excused: readonly string[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const lines = countLines(text);
    if (lines > LINES_ALLOWED) return [`${path}: ${lines} lines; no file has more than ${LINES_ALLOWED}`];
    if (lines > LINES_WANTED && !excused.includes(path))
      return [`${path}: ${lines} lines; keep it under ${LINES_WANTED}`];
    return [];
  });
}

/** An excuse that nothing needs any more would hide the next long file of that name. */
export function idleExcuses(files: readonly SourceFile[], excused: readonly string[]): readonly string[] {
  const long = new Set(files.filter(({ text }) => countLines(text) > LINES_WANTED).map(({ path }) => path));
  return excused.filter((path) => !long.has(path)).map((path) => `${path}: is excused for its length and is not long`);
}

function countLines(text: string): number {
  const breaks = text.split("\n").length;
  return text.endsWith("\n") ? breaks - 1 : breaks;
}

const CLOCKS = /\bperformance\.now\(|\bprocess\.(?:cpuUsage|hrtime)\b|\bvi\.waitFor\(/g;

/** A test that measures time, or waits for a time of its own, fails on a machine that is slow enough. */
export function timedTests({ path, text }: SourceFile): readonly string[] {
  return [...text.matchAll(CLOCKS)].map(
    ([found]) => `${path}: ${found}; count the work, wait with eventually, or measure it in test/bench`,
  );
}

const ZOD_IMPORT = /^\s*(?:import|export)\s+(?!type\b)(?!\*\s+as\s+z\s+from)[^"';]*?from\s+["']zod(?:\/[^"']*)?["']/gm;

/** A named import of zod costs the Worker 65 KB more than the namespace. */
export function namedZodImports({ path, text }: SourceFile): readonly string[] {
  return [...text.matchAll(ZOD_IMPORT)].map(
    ([found]) => `${path}: ${found.trim().replaceAll(/\s+/g, " ")}; write import * as z from "zod"`,
  );
}
