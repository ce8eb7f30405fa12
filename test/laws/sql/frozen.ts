import { createHash } from "node:crypto";
import type { MigrationText } from "./declared.ts";

export type HashByTag = Readonly<Record<string, string>>;

export interface JournalEntry {
  readonly tag: string;
  readonly when: number;
}

/** A migration has landed on databases that nobody can take it back from: it stays as it was written. */
export function thawed(migrations: readonly MigrationText[], hashes: HashByTag): readonly string[] {
  const there = new Set(migrations.map(({ tag }) => tag));
  return [
    ...migrations.flatMap(({ tag, text }) => {
      const hash = hashes[tag];
      if (hash === undefined) return [`migrations/${tag}.sql is not sealed; run npm run db:seal`];
      if (hash === hashOf(text)) return [];
      return [
        `migrations/${tag}.sql was edited: restore it and write a new one (one that never landed: npm run db:seal)`,
      ];
    }),
    ...Object.keys(hashes)
      .filter((tag) => !there.has(tag))
      .map((tag) => `migrations/${tag}.sql was sealed and is gone`),
  ];
}

/** Databases keep in their books when a migration was made, and go on from the last. */
export function disorder(entries: readonly JournalEntry[]): readonly string[] {
  return entries.flatMap(({ tag, when }, index) => {
    const before = entries[index - 1];
    return before === undefined || before.when < when
      ? []
      : [`migrations/meta/_journal.json: ${tag} is not younger than ${before.tag}`];
  });
}

/** Seals the newest migration as it is now, and those that have no seal yet; no other loses the one that it has. */
export function seal(migrations: readonly MigrationText[], hashes: HashByTag): HashByTag {
  const unsealed = migrations.filter(({ tag }, index) => !(tag in hashes) || index === migrations.length - 1);
  return { ...hashes, ...Object.fromEntries(unsealed.map(({ tag, text }) => [tag, hashOf(text)])) };
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
