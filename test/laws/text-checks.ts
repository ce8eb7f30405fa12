import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "./check.ts";
import { falseCitations, type Repository, unlinkedPages } from "./docs-law.ts";
import { disagreements, lockfileDrift, type Manifest } from "./lockfile-law.ts";
import { idleExcuses, longFiles, namedZodImports, timedTests } from "./text-laws.ts";
import { readFiles, root } from "./tree.ts";
import { httpInVerbs, idleVoiceExcuses, type VoiceExcuse } from "./voice-law.ts";
import { missingFlags } from "./worker-law.ts";

const PRODUCT = ["functions/**/*.{ts,tsx,mjs}", "src/**/*.{ts,tsx,mjs}"];
const PAGES = ["*.md", "docs/**/*.md", "src/**/*.md", "test/**/*.md", ".github/**/*.md"];

/** Files between 200 and 300 lines that are better whole; each with its reason. */
const EXCUSED_LENGTHS: readonly string[] = [];

/** Messages of the queue, texts that are hashed or compared, and what others answered to a request of ours. */
const EXCUSED_VOICES: readonly VoiceExcuse[] = [
  { path: "src/app/engine/perform-call.ts", what: "JSON text" },
  { path: "src/app/engine/perform-summary.ts", what: "JSON text" },
  { path: "src/app/engine/publish-outbox.ts", what: "JSON text" },
  { path: "src/ports/model.ts", what: "an HTTP status" },
  { path: "src/ports/steps.ts", what: "an HTTP status" },
  { path: "src/ports/tool-server.ts", what: "a header" },
];

export async function checkSizes(): Promise<Verdict> {
  const files = readFiles([...PRODUCT, "src/**/*.sql"]);
  const findings = [...longFiles(files, EXCUSED_LENGTHS), ...idleExcuses(files, EXCUSED_LENGTHS)];
  return { findings, note: `${files.length} files` };
}

export async function checkVoices(): Promise<Verdict> {
  const files = readFiles(["src/app/**/*.ts", "src/ports/**/*.ts"]).filter(({ path }) => !path.endsWith(".test.ts"));
  const findings = [...httpInVerbs(files, EXCUSED_VOICES), ...idleVoiceExcuses(files, EXCUSED_VOICES)];
  return { findings, note: `${files.length} files` };
}

export async function checkZodImports(): Promise<Verdict> {
  const files = readFiles([...PRODUCT, "test/**/*.ts"]);
  return { findings: files.flatMap(namedZodImports), note: `${files.length} files` };
}

/** Commands say how long they took, and two helpers stand for all others. */
const MAY_TELL_TIME = [
  "test/bench/",
  "test/chaos/kills/until-answered.ts",
  "test/chaos/run.ts",
  "test/laws/",
  "test/money/run.ts",
  "test/support/eventually.ts",
  "test/support/processor-time.ts",
  "test/watch/run.ts",
];

export async function checkTimedTests(): Promise<Verdict> {
  const files = readFiles(["test/**/*.ts", "src/**/*.test.ts"]);
  const held = files.filter(({ path }) => !MAY_TELL_TIME.some((start) => path.startsWith(start)));
  return { findings: held.flatMap(timedTests), note: `${held.length} files` };
}

export async function checkDocs(): Promise<Verdict> {
  const pages = readFiles(PAGES);
  const repository: Repository = {
    exists: existsInRepository,
    scripts: Object.keys(readPackageFile("package.json").scripts ?? {}),
  };
  const findings = [...pages.flatMap((page) => falseCitations(page, repository)), ...unlinkedPages(pages)];
  return { findings, note: `${pages.length} pages` };
}

function existsInRepository(path: string): boolean {
  return path.includes("*") ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path));
}

export async function checkLockfile(): Promise<Verdict> {
  const { workspaces = [], ...manifest } = readPackageFile("package.json");
  const folders = ["", ...workspaces];
  const { packages = {} } = readPackageFile("package-lock.json");
  const manifests = folders.map((folder) => {
    const path = join(folder, "package.json");
    return { path, ...(folder === "" ? manifest : readPackageFile(path)) };
  });
  const drifts = manifests.flatMap((one, place) => lockfileDrift(one, packages[folders[place] ?? ""] ?? {}));
  return { findings: [...drifts, ...disagreements(manifests)], note: manifests.map(({ path }) => path).join(", ") };
}

export async function checkWorkerFlags(): Promise<Verdict> {
  return { findings: missingFlags(root), note: "wrangler.toml" };
}

interface PackageFile extends Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
  /** Only in the lockfile; its own root has the empty name. */
  readonly packages?: Readonly<Record<string, Manifest>>;
}

function readPackageFile(path: string): PackageFile {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
