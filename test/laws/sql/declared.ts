import { parseMigration } from "./block.ts";
import { mentions, type SqlSource, withoutComments } from "./source.ts";

export interface MigrationText {
  readonly tag: string;
  readonly text: string;
}

export interface Declared {
  /** The last declaration of each function and view that was not dropped after it, by name. */
  readonly sources: ReadonlyMap<string, SqlSource>;
  /** Every other statement: tables, policies, triggers, rows. */
  readonly others: readonly string[];
  readonly findings: readonly string[];
}

const BY_HAND = /\bCREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE|VIEW)\s+(\w+)/;
const DROP = /^DROP (?:FUNCTION|PROCEDURE|VIEW) (?:IF EXISTS )?(\w+)/;

/** What the migrations declare, one after the other. */
export function readDeclared(migrations: readonly MigrationText[]): Declared {
  const parts = migrations.flatMap(({ tag, text }) => parseMigration(text).map((part) => ({ tag, part })));
  const sources = new Map<string, SqlSource>();
  for (const { part } of parts) {
    if (typeof part === "string") sources.delete(DROP.exec(part)?.[1] ?? "");
    else sources.set(part.name, part);
  }
  const others = parts.flatMap(({ tag, part }) =>
    typeof part === "string" && !DROP.test(part) ? { tag, text: part } : [],
  );
  return { sources, others: others.map(({ text }) => text), findings: others.flatMap(declaredByHand) };
}

function declaredByHand({ tag, text }: MigrationText): readonly string[] {
  const name = BY_HAND.exec(withoutComments(text))?.[1];
  return name === undefined
    ? []
    : [`migrations/${tag}.sql declares ${name} by hand; write its file and run npm run db:generate`];
}

/** A policy or trigger holds on to the function that it calls, and no migration that is made from files moves it. */
export function heldFast(drops: readonly SqlSource[], { sources, others }: Declared): readonly string[] {
  const procedures = [...sources.values()]
    .filter(({ kind }) => kind === "PROCEDURE")
    .map(({ statements }) => statements[0]);
  const holders = [...others, ...procedures].filter((statement) => statement !== undefined);
  return drops
    .filter(({ name, kind }) => kind !== "PROCEDURE" && holders.some((statement) => mentions(statement, name)))
    .map(({ name }) => `${name} is called by a policy, a trigger or a procedure: give the new one another name`);
}
