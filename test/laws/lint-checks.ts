import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Verdict } from "./check.ts";
import { complaints, runTool } from "./command.ts";
import { type LintSeed, lintSeeds } from "./lint-seeds.ts";
import { withCopy } from "./tree.ts";

export async function checkBiome(): Promise<Verdict> {
  const result = await runTool("biome", ["ci", "--colors=off", "--error-on-warnings", "--max-diagnostics=60"]);
  return { findings: complaints(result), note: /Checked \d+ files/.exec(result.stdout + result.stderr)?.[0] ?? "" };
}

/** Proves that the linter refuses clocks, chance, belief in the database and the named smells, and lets clean code pass. */
export async function checkSeededLint(): Promise<Verdict> {
  const output = await withCopy(
    ["biome.json", "test/laws/no-ambient.grit", "test/laws/no-belief.grit"],
    async (folder) => {
      for (const { path, text } of lintSeeds) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      const args = ["lint", "--reporter=json", "--max-diagnostics=none", "--colors=off", "src"];
      return (await runTool("biome", args, folder)).stdout;
    },
  );
  return { findings: misjudgedLint(lintSeeds, diagnosticsOf(output)), note: `${lintSeeds.length} seeds` };
}

export interface Diagnostic {
  readonly category: string;
  readonly severity: string;
  readonly location: { readonly path: string };
}

// Biome's JSON reporter writes one object whose diagnostics have these fields.
function diagnosticsOf(json: string): readonly Diagnostic[] {
  return (JSON.parse(json) as { readonly diagnostics: readonly Diagnostic[] }).diagnostics;
}

export function misjudgedLint(seeds: readonly LintSeed[], diagnostics: readonly Diagnostic[]): readonly string[] {
  return seeds.flatMap(({ path, text, rule }) => {
    const caughtBy = diagnostics
      .filter(({ severity, location }) => severity === "error" && location.path === path)
      .map(({ category }) => category);
    const verdict = `caught by ${caughtBy.join(", ") || "nothing"}: ${text.trim()}`;
    if (rule === undefined) return caughtBy.length > 0 ? [`${path}: must be allowed, ${verdict}`] : [];
    return caughtBy.includes(rule) ? [] : [`${path}: must be caught by ${rule}, ${verdict}`];
  });
}
