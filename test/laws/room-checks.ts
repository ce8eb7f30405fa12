import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Verdict } from "./check.ts";
import { type Cruise, cruise, describeViolation, homelessFiles, unseenFiles } from "./cruise.ts";
import { rooms } from "./rooms.ts";
import { listFiles, root, withCopy } from "./tree.ts";
import { accompliceFiles, plantedFiles, type Seed, seeds } from "./wrong-imports.ts";

const ROOTS = ["functions", "src", "test"];
const SOURCES = ["functions/**/*.{ts,tsx,mjs}", "src/**/*.{ts,tsx,mjs}"];

export async function checkRooms(): Promise<Verdict> {
  const files = listFiles(SOURCES);
  const cruised = await cruise(root, ROOTS);
  const findings = [
    ...unseenFiles(files, cruised),
    ...homelessFiles(files, rooms),
    ...cruised.violations.map(describeViolation),
  ];
  return { findings, note: `${cruised.modules.length} modules` };
}

const COPIED = ["test/laws", "tsconfig.json", "package.json", "dependency-cruiser.mjs"];

/** Proves in a house of seeds alone that the map refuses each wrong import and allows each right one. */
export async function checkSeededImports(): Promise<Verdict> {
  const cruised = await withCopy(COPIED, (folder) => {
    for (const seed of seeds) plant(folder, seed.path, seed.text);
    for (const [path, text] of Object.entries({ ...plantedFiles, ...accompliceFiles })) plant(folder, path, text);
    return cruise(folder, ["functions", "src"]);
  });
  const wrong = seeds.filter((seed) => seed.rule !== undefined).length;
  return { findings: misjudgedSeeds(seeds, cruised), note: `${wrong} wrong, ${seeds.length - wrong} right imports` };
}

function plant(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

export function misjudgedSeeds(seeds: readonly Seed[], { modules, violations }: Cruise): readonly string[] {
  return seeds.flatMap(({ path, text, rule }) => {
    const caughtBy = violations.filter((violation) => violation.from === path).map((violation) => violation.rule);
    const verdict = `caught by ${caughtBy.join(", ") || "nothing"}: ${text.trim()}`;
    if (!modules.includes(path)) return [`${path}: dependency-cruiser did not look at it`];
    if (rule === undefined) return caughtBy.length > 0 ? [`${path}: must be allowed, ${verdict}`] : [];
    return caughtBy.includes(rule) ? [] : [`${path}: must be caught by ${rule}, ${verdict}`];
  });
}
