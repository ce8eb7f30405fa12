import type { SourceFile } from "../tree.ts";
import { type Declared, type MigrationText, readDeclared } from "./declared.ts";
import { isSame } from "./plan.ts";
import { parseSource, type SqlSource, sourceText, withoutComments } from "./source.ts";

const FOLDER = "src/adapters/neon/functions";
export const SOURCES = `${FOLDER}/**/*.sql`;
const COLUMNS = 120;
const GENERATE = "run npm run db:generate -- --name <what it does>";

export function readSources(files: readonly SourceFile[]): readonly SqlSource[] {
  return files.map(({ path, text }) => parseSource(path.slice(FOLDER.length + 1), text));
}

export function byName(sources: readonly SqlSource[]): ReadonlyMap<string, SqlSource> {
  return new Map(sources.map((source) => [source.name, source]));
}

/** Whether files and migrations say the same, and the files keep their form. */
export function falseSources(files: readonly SourceFile[], migrations: readonly MigrationText[]): readonly string[] {
  const sources = readSources(files);
  const declared = readDeclared(migrations);
  return [
    ...files.flatMap(({ path, text }, index) => formFindings(path, text, sources[index])),
    ...sources.flatMap((source) => missingCalls(source, sources)),
    ...doubles(sources),
    ...declared.findings,
    ...driftFindings(byName(sources), declared),
  ];
}

function driftFindings(files: ReadonlyMap<string, SqlSource>, { sources }: Declared): readonly string[] {
  const changed = [...files.values()]
    .filter((file) => !isSame(sources.get(file.name), file))
    .map(({ path, name }) =>
      sources.has(name)
        ? `${FOLDER}/${path}: the migrations declare ${name} differently; ${GENERATE}`
        : `${FOLDER}/${path}: no migration declares ${name}; ${GENERATE}`,
    );
  const gone = [...sources.values()]
    .filter(({ name }) => !files.has(name))
    .map(({ name, path }) => `migrations declare ${name}, and ${FOLDER}/${path} is not there; ${GENERATE}`);
  return [...changed, ...gone];
}

function formFindings(path: string, text: string, source: SqlSource | undefined): readonly string[] {
  const wide = longLines({ path, text });
  if (source === undefined) return wide;
  const [declaration = ""] = source.statements;
  const isCommented = declaration.startsWith("--");
  const isReplacing = withoutComments(declaration).trim().startsWith("CREATE OR REPLACE ");
  const expected = fileNameOf(source.name);
  return [
    ...wide,
    ...(path.endsWith(`/${expected}`) ? [] : [`${path}: declares ${source.name}, so its name is ${expected}`]),
    ...(isCommented ? [] : [`${path}: begins with no comment that says what it keeps`]),
    ...(isReplacing ? [] : [`${path}: is no CREATE OR REPLACE`]),
    ...(text === sourceText(source)
      ? []
      : [`${path}: keep one empty line below its declaration, and no other between its statements`]),
  ];
}

function longLines({ path, text }: SourceFile): readonly string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (line.length > COLUMNS ? [`${path}:${index + 1}: more than ${COLUMNS} columns`] : []));
}

function fileNameOf(name: string): string {
  return `${name.replace(/^pantheon_/, "").replaceAll("_", "-")}.sql`;
}

function doubles(sources: readonly SqlSource[]): readonly string[] {
  const pathByName = new Map<string, string>();
  return sources.flatMap(({ name, path }) => {
    const other = pathByName.get(name);
    pathByName.set(name, path);
    return other === undefined ? [] : [`${name} has two files: ${other} and ${path}`];
  });
}

function missingCalls(source: SqlSource, sources: readonly SqlSource[]): readonly string[] {
  const called = new Set(withoutComments(source.statements.join("\n")).match(/\bpantheon_\w+(?=\()/g));
  return [...called]
    .filter((name) => !sources.some((other) => other.name === name))
    .map((name) => `${FOLDER}/${source.path}: calls ${name}, which has no file`);
}
