import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./tree.ts";

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 600_000;
// The compilers make much short-lived garbage: a larger young generation spares them a fifth of their time.
const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --max-semi-space-size=64`;

/** Runs a program of node_modules/.bin with nothing on its standard input. */
export function runTool(tool: string, args: readonly string[], cwd: string = root): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, "node_modules/.bin", tool), args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, CI: "1", NODE_OPTIONS },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout: text(stdout), stderr: text(stderr) }));
  });
}

/** What a tool says when it fails, or nothing when it ended well. */
export function complaints(result: CommandResult): readonly string[] {
  if (result.code === 0) return [];
  return [`${result.stdout}\n${result.stderr}`.trim() || `ended with ${result.code} and said nothing`];
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
