import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";

export interface Journal {
  put(key: string, value: unknown): void;
  remove(key: string): void;
  /** What was put and not removed under `prefix`, oldest first, as the schema reads it. */
  entries<Schema extends z.ZodType>(prefix: string, schema: Schema): readonly (readonly [string, z.infer<Schema>])[];
}

const Line = z.object({ key: z.string(), value: z.unknown().optional() });

export function createMemoryJournal(): Journal {
  return { put: () => undefined, remove: () => undefined, entries: () => [] };
}

/** One JSON line per change, written before anyone is answered; compacted when opened. */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const valueByKey = readJournal(path);
  const compacted = [...valueByKey].map(([key, value]) => `${JSON.stringify({ key, value })}\n`).join("");
  writeFileSync(`${path}.new`, compacted);
  renameSync(`${path}.new`, path);
  const append = (line: unknown) => appendFileSync(path, `${JSON.stringify(line)}\n`);
  return {
    put: (key, value) => append({ key, value }),
    remove: (key) => append({ key }),
    entries: (prefix, schema) =>
      [...valueByKey]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), schema.parse(value)] as const),
  };
}

function readJournal(path: string): Map<string, unknown> {
  const valueByKey = new Map<string, unknown>();
  if (!existsSync(path)) return valueByKey;
  for (const text of readFileSync(path, "utf8").split("\n")) {
    const line = parseLine(text);
    if (line === undefined) continue;
    if (line.value === undefined) valueByKey.delete(line.key);
    else valueByKey.set(line.key, line.value);
  }
  return valueByKey;
}

/** A kill can tear the last line: what does not parse was never answered for. */
function parseLine(text: string): z.infer<typeof Line> | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
