import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";

export interface WorkerBundle {
  readonly mainModule: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly modules: readonly WorkerModule[];
}

export interface WorkerModule {
  readonly name: string;
  readonly mediaType: string;
  readonly contents: Uint8Array<ArrayBuffer>;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const cacheFolder = join(root, ".pantheon/worker");
const run = promisify(execFile);

const Metadata = z.object({
  main_module: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()).default([]),
});

/** What `wrangler deploy` would upload, built again only when a source has changed. */
export async function bundleWorker(): Promise<WorkerBundle> {
  const path = join(cacheFolder, `${hashSources()}.bundle`);
  if (!existsSync(path)) await build(path);
  return parseUpload(readFileSync(path));
}

function hashSources(): string {
  const sources = globSync(["functions/**", "src/**/*.{ts,tsx,json}"], { cwd: root, exclude: ["src/local/**"] });
  const hash = createHash("sha256");
  for (const path of [...sources, "wrangler.toml", "tsconfig.json", "package-lock.json"].toSorted()) {
    if (/\.test\.ts$|^functions$/.test(path)) continue;
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest("hex").slice(0, 24);
}

async function build(path: string): Promise<void> {
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", NODE_OPTIONS: "" };
  try {
    await run(process.execPath, [wrangler, "deploy", "--env=", "--dry-run", `--outfile=${unfinished}`], {
      cwd: root,
      env,
    });
    renameSync(unfinished, path);
    // Another process may have built the same one meanwhile: it is not older.
    const older = globSync("*.bundle", { cwd: cacheFolder }).filter((name) => name !== basename(path));
    for (const name of older) rmSync(join(cacheFolder, name), { force: true });
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** The upload is a multipart form: its first line is the boundary, one part is metadata, the others are modules. */
async function parseUpload(upload: Buffer<ArrayBuffer>): Promise<WorkerBundle> {
  const boundary = upload.subarray(2, upload.indexOf("\n")).toString().trim();
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  const form = await new Response(upload, { headers }).formData();
  const metadata = Metadata.parse(JSON.parse(String(form.get("metadata"))));
  const files = [...form.values()].filter((part) => part instanceof File);
  return {
    mainModule: metadata.main_module,
    compatibilityDate: metadata.compatibility_date,
    compatibilityFlags: metadata.compatibility_flags,
    modules: await Promise.all(files.map(toModule)),
  };
}

async function toModule(file: File): Promise<WorkerModule> {
  return { name: file.name, mediaType: file.type, contents: new Uint8Array(await file.arrayBuffer()) };
}
