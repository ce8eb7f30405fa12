import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export interface Migration {
  readonly tag: string;
  readonly createdAt: string;
  readonly hash: string;
  readonly statements: readonly string[];
}

const Journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.int() })) });

export const defaultMigrationsFolder = fileURLToPath(new URL("../../../migrations", import.meta.url));

/** What drizzle-kit wrote, in its order and with its hashes; no journal means no migrations. */
export function readMigrations(folder: string): readonly Migration[] {
  const journalPath = join(folder, "meta/_journal.json");
  if (!existsSync(journalPath)) return [];
  const journal = Journal.parse(JSON.parse(readFileSync(journalPath, "utf8")));
  return journal.entries.map(({ tag, when }) => {
    const text = readFileSync(join(folder, `${tag}.sql`), "utf8");
    return { tag, createdAt: String(when), hash: sha256(text), statements: splitStatements(text) };
  });
}

function splitStatements(text: string): readonly string[] {
  return text.split("--> statement-breakpoint").filter((statement) => statement.trim() !== "");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
