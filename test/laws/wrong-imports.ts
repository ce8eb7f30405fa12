/** Wrong imports that the house map must refuse, and right ones that it must allow. */
export interface Seed {
  readonly path: string;
  readonly text: string;
  /** The rule that must catch it; none for an import that must be allowed. */
  readonly rule?: string;
}

/** What the seeds import: one well-behaved file in each room. */
export const plantedFiles: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "functions/planted.ts",
    "src/adapters/neon/planted.ts",
    "src/adapters/qstash/planted.ts",
    "src/app/planted.ts",
    "src/app/engine/planted.ts",
    "src/app/memory/planted.ts",
    "src/contract/planted.ts",
    "src/domain/planted.ts",
    "src/domain/speaker/planted.ts",
    "src/domain/turn/planted.ts",
    "src/graph/planted.ts",
    "src/http/planted.ts",
    "src/local/planted.ts",
    "src/ports/planted.ts",
    "test/fakes/planted.ts",
  ].map((path) => [path, "export const planted = 1;\nexport type Planted = typeof planted;\n"]),
);

const bare = (specifier: string) => `import "${specifier}";\n`;
const value = (specifier: string) => `import { planted } from "${specifier}";\nexport const used = planted;\n`;
const type = (specifier: string) => `import type { Planted } from "${specifier}";\nexport type Used = Planted;\n`;

const wrong: readonly (readonly [folder: string, text: string, rule: string])[] = [
  ["src/contract", value("../domain/planted.ts"), "map:src/contract"],
  ["src/contract", bare("hono"), "packages:src/contract"],
  ["src/domain", value("../adapters/neon/planted.ts"), "map:src/domain"],
  ["src/domain", type("../ports/planted.ts"), "map:src/domain"],
  ["src/domain", value("../contract/planted.ts"), "types-only:src/domain"],
  ["src/domain", bare("zod"), "packages:src/domain"],
  ["src/domain", bare("node:crypto"), "no-node-builtins"],
  ["src/domain", bare("./way-to-io.ts"), "pure-never-reaches-io"],
  ["src/domain/speaker", value("../turn/planted.ts"), "map:src/domain/speaker"],
  ["src/domain/turn", value("../planted.ts"), "map:src/domain/turn"],
  ["src/ports", value("../adapters/neon/planted.ts"), "map:src/ports"],
  ["src/ports", bare("zod"), "packages:src/ports"],
  ["src/graph", value("../app/planted.ts"), "map:src/graph"],
  ["src/app", value("../adapters/neon/planted.ts"), "map:src/app"],
  ["src/app", value("../http/planted.ts"), "map:src/app"],
  ["src/app/turns", value("../memory/planted.ts"), "map:src/app/turns"],
  ["src/app/turns", value("../../graph/planted.ts"), "map:src/app/turns"],
  ["src/app/turns", value("../../http/planted.ts"), "map:src/app"],
  ["src/app", bare("hono"), "packages:src/app"],
  ["src/app", bare("@langchain/core/messages"), "packages:src/app"],
  ["src/app", value("../local/planted.ts"), "product-not-to-local"],
  ["src/http", value("../adapters/neon/planted.ts"), "map:src/http"],
  ["src/http", value("../domain/planted.ts"), "map:src/http"],
  ["src/http", bare("drizzle-orm"), "packages:src/http"],
  ["src/http", bare("@hono/node-server"), "packages:src/http"],
  ["src/adapters/neon", value("../qstash/planted.ts"), "adapters-are-islands"],
  ["src/adapters/neon", value("../../app/planted.ts"), "map:src/adapters/neon"],
  ["src/adapters/neon", bare("@upstash/qstash"), "packages:src/adapters/neon"],
  ["src/adapters/system", bare("zod"), "packages:src/adapters/system"],
  ["src/adapters/system", bare("node:fs"), "no-node-builtins"],
  ["src/compose", value("../app/planted.ts"), "map:src/compose"],
  ["src/console", value("../domain/planted.ts"), "map:src/console"],
  ["src/console", value("../contract/planted.ts"), "types-only:src/console"],
  ["functions", value("./planted.ts"), "entrypoints-are-islands"],
  ["functions", value("../src/adapters/neon/planted.ts"), "map:functions"],
  ["functions", value("../test/fakes/planted.ts"), "product-not-to-test"],
  ["functions", value("../src/local/planted.ts"), "product-not-to-local"],
  ["functions", bare("hono"), "packages:functions"],
  ["src/app", bare("./seeded.test.ts"), "no-import-of-a-test"],
  ["src/app", bare("./nowhere.ts"), "no-unresolvable"],
  ["src/app", "export const lonely = 1;\n", "no-orphans"],
  ["src/app", bare("./the-other-half.ts"), "no-circular"],
];

const right: readonly (readonly [path: string, text: string])[] = [
  ["src/contract/right.ts", bare("zod")],
  ["src/domain/right.ts", type("../contract/planted.ts")],
  ["src/domain/turn/right.ts", value("../speaker/planted.ts")],
  ["src/domain/right.test.ts", `${value("./planted.ts")}${bare("vitest")}${bare("fast-check")}`],
  ["src/app/right.ts", `${value("../graph/planted.ts")}${type("../ports/planted.ts")}`],
  ["src/app/turns/right.ts", value("../engine/planted.ts")],
  ["src/app/right.test.ts", `${value("./planted.ts")}${bare("../../test/fakes/planted.ts")}`],
  ["src/http/right.ts", `${value("../app/planted.ts")}${bare("hono/cors")}${bare("@hono/zod-validator")}`],
  ["src/adapters/neon/right.ts", `${bare("@neondatabase/serverless")}${bare("drizzle-orm/pg-core")}`],
  ["src/adapters/qstash/right.ts", bare("jose")],
  ["src/compose/right.ts", value("../adapters/neon/planted.ts")],
  ["src/local/right.ts", `${value("../adapters/neon/planted.ts")}${bare("node:fs")}${bare("@electric-sql/pglite")}`],
];

/** Files that seeds need and that are wrong themselves, on the way to what is proved. */
export const accompliceFiles: Readonly<Record<string, string>> = {
  "src/app/the-other-half.ts": bare(`./seed-${wrong.length - 1}.ts`),
  "src/app/seeded.test.ts": bare("vitest"),
  "src/domain/way-to-io.ts": bare("../adapters/neon/planted.ts"),
};

export const seeds: readonly Seed[] = [
  ...wrong.map(([folder, text, rule], index) => ({ path: `${folder}/seed-${index}.ts`, text, rule })),
  ...right.map(([path, text]) => ({ path, text })),
];
