import { existsSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./command.ts";
import { isInRoom, type Room } from "./rooms.ts";

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface Cruise {
  /** The product and test files that dependency-cruiser read. */
  readonly modules: readonly string[];
  readonly violations: readonly Violation[];
}

interface CruiseOutput {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
  };
}

/** Runs the house map over the given folder, which holds the same tree as the repository. */
export async function cruise(folder: string, roots: readonly string[]): Promise<Cruise> {
  const present = roots.filter((path) => existsSync(join(folder, path)));
  const args = ["--config", "dependency-cruiser.mjs", "--output-type", "json", ...present];
  const { stdout, stderr } = await runTool("depcruise", args, folder);
  if (!stdout.startsWith("{")) throw new Error(`dependency-cruiser said no JSON: ${stderr || stdout}`);
  return toCruise(parseOutput(stdout));
}

// dependency-cruiser's JSON reporter always writes an ICruiseResult, of which these are fields.
function parseOutput(json: string): CruiseOutput {
  return JSON.parse(json) as CruiseOutput;
}

export function toCruise(output: CruiseOutput): Cruise {
  return {
    modules: output.modules.map((module) => module.source).filter((source) => /^(functions|src|test)\//.test(source)),
    violations: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

/** A file that the cruise did not see is a file whose imports nobody checked. */
export function unseenFiles(files: readonly string[], cruised: Pick<Cruise, "modules">): readonly string[] {
  if (files.length === 0) return ["no source files were found: the room laws looked at nothing"];
  const seen = new Set(cruised.modules);
  return files.filter((file) => !seen.has(file)).map((file) => `${file}: dependency-cruiser did not look at it`);
}

/** Every product file lives in a room, or no import rule holds for it. */
export function homelessFiles(files: readonly string[], rooms: readonly Room[]): readonly string[] {
  return files
    .filter((file) => !rooms.some((room) => isInRoom(room, file)))
    .map((file) => `${file}: no room in test/laws/rooms.ts holds it`);
}

export function describeViolation({ rule, from, to }: Violation): string {
  return from === to ? `${rule}: ${from}` : `${rule}: ${from} → ${to}`;
}
