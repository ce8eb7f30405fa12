import { isReplaceable, mentions, type SqlSource, sourceText, withoutComments } from "./source.ts";

export interface Changes {
  /** What is dropped, each before what it is made from. */
  readonly drops: readonly SqlSource[];
  /** What is declared, each after what it is made from. */
  readonly declarations: readonly SqlSource[];
}

type SourceByName = ReadonlyMap<string, SqlSource>;

/** The way from what migrations declare to what the files say. */
export function planChanges(declared: SourceByName, files: SourceByName): Changes {
  const dropped = namesToDrop(declared, files);
  const isNew = (file: SqlSource) => dropped.has(file.name) || !isSame(declared.get(file.name), file);
  return {
    drops: inOrder([...declared.values()])
      .filter(({ name }) => dropped.has(name))
      .toReversed(),
    declarations: inOrder([...files.values()]).filter(isNew),
  };
}

function namesToDrop(declared: SourceByName, files: SourceByName): ReadonlySet<string> {
  const dropped = new Set<string>();
  for (const [name, before] of declared) {
    const after = files.get(name);
    if (after === undefined || !(isSame(before, after) || isReplaceable(before, after))) dropped.add(name);
  }
  // A view holds on to what it is made from, and a signature to the view whose rows it names.
  for (let count = -1; count !== dropped.size; ) {
    count = dropped.size;
    for (const source of declared.values())
      if ([...dropped].some((name) => mentions(boundText(source), name))) dropped.add(source.name);
  }
  return dropped;
}

export function isSame(declared: SqlSource | undefined, file: SqlSource): boolean {
  return declared !== undefined && sourceText(declared) === sourceText(file);
}

/** The part of a declaration that Postgres binds to what it names; the rest is looked up when it runs. */
function boundText({ kind, parameters, returns, statements }: SqlSource): string {
  return kind === "VIEW" ? (statements[0] ?? "") : `${parameters} ${returns}`;
}

/** Each after those that must be there when it is made: the body of a function in SQL is checked at once. */
export function inOrder(sources: readonly SqlSource[]): readonly SqlSource[] {
  const ordered = new Set<SqlSource>();
  const visit = (source: SqlSource, path: readonly SqlSource[]) => {
    if (ordered.has(source) || path.includes(source)) return;
    for (const other of neededBy(source, sources)) visit(other, [...path, source]);
    ordered.add(source);
  };
  for (const source of sources.toSorted((a, b) => (a.path < b.path ? -1 : 1))) visit(source, []);
  return [...ordered];
}

function neededBy(source: SqlSource, sources: readonly SqlSource[]): readonly SqlSource[] {
  const text = source.language === "sql" ? (source.statements[0] ?? "") : boundText(source);
  const words = new Set(withoutComments(text).match(/\w+/g));
  return sources.filter((other) => other !== source && words.has(other.name));
}
