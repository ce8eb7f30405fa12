import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The repository's own files that match, relative to its root and sorted. */
export function listFiles(patterns: readonly string[]): readonly string[] {
  return globSync(patterns, { cwd: root, exclude: ["node_modules/**", ".git/**"] })
    .map(toPosixPath)
    .toSorted();
}

export function readFiles(patterns: readonly string[]): readonly SourceFile[] {
  return listFiles(patterns).map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Gives `use` a temporary copy of some paths of the tree, with the installed packages linked in. */
export async function withCopy<T>(paths: readonly string[], use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "pantheon-law-"));
  try {
    for (const path of paths.filter((path) => existsSync(join(root, path)))) {
      cpSync(join(root, path), join(folder, path), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toPosixPath(path: string): string {
  return path.replaceAll("\\", "/");
}
