import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Check, Verdict } from "./check.ts";
import { complaints, runTool } from "./command.ts";
import { listFiles, root } from "./tree.ts";

interface TypeProject {
  readonly config: string;
  /** Where its files are: with none there, the compiler would look at nothing. */
  readonly files: readonly string[];
}

const typeProjects: readonly TypeProject[] = [
  { config: "test/tsconfig.json", files: ["test/**/*.ts"] },
  {
    config: "tsconfig.json",
    files: ["functions/**/*.ts", "src/{contract,domain,ports,graph,app,adapters,http}/**/*.ts"],
  },
  { config: "src/domain/tsconfig.json", files: ["src/domain/**/*.ts"] },
  { config: "src/console/tsconfig.json", files: ["src/console/**/*.{ts,tsx}"] },
];

// Several times as fast as TypeScript 6, which stays for the tools that need its JavaScript API.
const fastCompiler = "../typescript-7/bin/tsc";

/** One check for each TypeScript project that has files. */
export function typeChecks(): readonly Check[] {
  return typeProjects
    .filter(({ files }) => listFiles(files).length > 0)
    .map(({ config }) => ({
      name: `types ${config.replace(/\/?tsconfig\.json$/, "") || "product"}`,
      run: () => compile(config),
    }));
}

async function compile(config: string): Promise<Verdict> {
  if (!existsSync(join(root, config))) return { findings: [`${config} is missing`], note: "" };
  const buildInfo = join("node_modules/.cache/types", config.replaceAll("/", "-").replace(".json", ".tsbuildinfo"));
  const args = ["-p", config, "--noEmit", "--incremental", "--tsBuildInfoFile", buildInfo];
  return { findings: complaints(await runTool(fastCompiler, args)), note: config };
}
