import type { SourceFile } from "./tree.ts";

const ROOM_OF_THE_REPOSITORY = /^(?:functions|src|migrations|docs|test|\.ci|\.github)\/|^(?:\.\/)/;
const ROOT_FILE = /^[\w.-]+\.(?:json|toml|mjs|md)$|^(?:drizzle|vitest)\.config\.ts$|^\.dev\.vars\.example$/;
const CODE = /```[\s\S]*?```|`[^`\n]+`/g;
const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)/g;
const SCRIPT = /\bnpm run (?:-\S+ )*([\w:-]+)/g;
const BUILT_IN_SCRIPT = /\bnpm (start|test)\b/g;
const DECISIONS = "docs/decisions/README.md";
const DECISION = /^docs\/decisions\/\d{4}-/;
const PLACEHOLDER = /[<>{}…$]/;

export interface Repository {
  /** True for a file, a folder or a glob that finds something, from the root. */
  exists(path: string): boolean;
  readonly scripts: readonly string[];
}

/** Docs cite only paths and scripts that exist. */
export function falseCitations(page: SourceFile, repository: Repository): readonly string[] {
  const paths = [...new Set([...citedPaths(page.text), ...linkedPaths(page)])];
  const scripts = [...new Set(citedScripts(page.text))];
  return [
    ...paths.filter((path) => !repository.exists(path)).map((path) => `${page.path}: ${path} does not exist`),
    ...scripts
      .filter((script) => !repository.scripts.includes(script))
      .map((script) => `${page.path}: package.json has no script ${script}`),
  ];
}

export function citedPaths(text: string): readonly string[] {
  return [...text.matchAll(CODE)]
    .flatMap(([code]) => code.split(/[\s`"'(),;=]+/))
    .map(withoutTail)
    .filter((word) => (ROOM_OF_THE_REPOSITORY.test(word) || ROOT_FILE.test(word)) && !PLACEHOLDER.test(word));
}

/** A reader finds every page of docs/ by links, and every decision in the index. */
export function unlinkedPages(pages: readonly SourceFile[]): readonly string[] {
  const linkedFrom = (from: readonly SourceFile[], path: string) =>
    from.some((page) => page.path !== path && linkedPaths(page).includes(path));
  const index = pages.filter(({ path }) => path === DECISIONS);
  return pages.flatMap(({ path }) => {
    if (DECISION.test(path)) return linkedFrom(index, path) ? [] : [`${path}: ${DECISIONS} does not list it`];
    return !path.startsWith("docs/") || linkedFrom(pages, path) ? [] : [`${path}: no page links to it`];
  });
}

function withoutTail(word: string): string {
  return word.replace(/(?::\d+(?:-\d+)?)?[.:]?$/, "");
}

function linkedPaths(page: SourceFile): readonly string[] {
  const folder = page.path.split("/").slice(0, -1);
  return [...page.text.matchAll(LINK)].map(([, target = ""]) => resolveFrom(folder, target));
}

function resolveFrom(folder: readonly string[], target: string): string {
  if (target.startsWith("/")) return target.slice(1);
  const parts = [...folder];
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function citedScripts(text: string): readonly string[] {
  return [...text.matchAll(SCRIPT), ...text.matchAll(BUILT_IN_SCRIPT)].map(([, script = ""]) => script);
}
