import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
}

const heldHere = new Set<string>();

/** Keeps a folder to one process by a file beside it; returns the release. */
export function lockFolder(folder: string): () => void {
  const path = `${folder}.lock`;
  if (!tryCreate(path)) takeOver(path, folder);
  heldHere.add(path);
  return () => {
    heldHere.delete(path);
    rmSync(path, { force: true });
  };
}

function tryCreate(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** A rename has one winner; whoever finds that it took a fresh lock aside puts it back. */
function takeOver(path: string, folder: string): void {
  assertStale(path, folder);
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    restoreIfLive(aside, path, folder);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  if (!tryCreate(path)) throw inUse(folder, readOwner(path));
}

function restoreIfLive(aside: string, path: string, folder: string): void {
  try {
    assertStale(aside, folder);
  } catch (error) {
    renameSync(aside, path);
    throw error;
  }
  rmSync(aside, { force: true });
}

function assertStale(path: string, folder: string): void {
  const owner = readOwner(path);
  const isLive = owner === process.pid ? heldHere.has(path) : owner !== undefined && isAlive(owner);
  if (isLive) throw inUse(folder, owner);
}

function inUse(folder: string, owner: number | undefined): FolderInUseError {
  return new FolderInUseError(
    `The data folder ${folder} is in use by process ${owner ?? "unknown"}. End it first, or remove ${folder}.lock if that process is not a Pantheon.`,
  );
}

function readOwner(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
