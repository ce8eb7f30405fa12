/** Code that Biome must refuse, one defect a file, and code beside it that must pass. */
export interface LintSeed {
  readonly path: string;
  readonly text: string;
  readonly rule?: string;
}

const ambientExpressions = [
  "Date.now()",
  "Date.now",
  "new Date()",
  "Date()",
  "Math.random()",
  "Math.random",
  "performance.now()",
  "crypto.randomUUID()",
  "globalThis",
];

/** What says of an answer of the database which type it has, without a look at it. */
const beliefs = [
  "export const found = rows as readonly Row[];",
  "export const found = (row as Row).id;",
  "export const found = query.execute<Row>(statement);",
  "export const found = database.query.execute<Row>(sql`select 1`);",
  "export const found = sql<number>`select 1`;",
  'export const found = json("plan").$type<Plan>();',
  "export const found: Row = JSON.parse(body);",
  "export const isRow = (value: unknown): value is Row => value !== null;",
];

const deniedGlobals = ["fetch", "crypto", "performance", "process", "console", "setTimeout"];

const longFunction = `export function long(): number {\n${"  void 0;\n".repeat(51)}  return 1;\n}\n`;

export const lintSeeds: readonly LintSeed[] = [
  ...["src/domain", "src/contract"].flatMap((room) =>
    ambientExpressions.map((expression, index) => ({
      path: `${room}/ambient-${index}.ts`,
      text: `export const found = ${expression};\n`,
      rule: "plugin",
    })),
  ),
  ...beliefs.map((text, index) => ({
    path: `src/adapters/neon/belief-${index}.ts`,
    text: `${text}\n`,
    rule: "plugin",
  })),
  ...deniedGlobals.map((name) => ({
    path: `src/domain/denied-${name.toLowerCase()}.ts`,
    text: `export const found = ${name};\n`,
    rule: "lint/style/noRestrictedGlobals",
  })),
  { path: "src/app/long.ts", text: longFunction, rule: "lint/complexity/noExcessiveLinesPerFunction" },
  { path: "src/app/any.ts", text: "export const found = 1 as any;\n", rule: "lint/suspicious/noExplicitAny" },
  { path: "src/app/default.ts", text: "export default 1;\n", rule: "lint/style/noDefaultExport" },
  { path: "src/app/print.ts", text: "console.log(1);\n", rule: "lint/suspicious/noConsole" },
  {
    path: "src/app/assertion.ts",
    text: "export const found = (list: readonly string[]) => list.at(0)!.length;\n",
    rule: "lint/style/noNonNullAssertion",
  },
  {
    path: "src/app/skipped.test.ts",
    text: 'import { it } from "vitest";\n\nit.skip("proves nothing", () => {});\n',
    rule: "lint/suspicious/noSkippedTests",
  },
  { path: "src/domain/pure.ts", text: "export const year = (ms: number) => new Date(ms).getUTCFullYear();\n" },
  { path: "src/domain/arithmetic.ts", text: "export const most = Math.max(1, 2);\n" },
  {
    path: "src/adapters/neon/parsed.ts",
    text: "export const found = parseAnswer(answer, query.execute(sql`select 1 as answer`)) ?? ([1] as const);\n",
  },
  { path: "src/adapters/neon/batch.ts", text: "export const found = items as Tuple;\n" },
  { path: "src/adapters/qstash/cast.ts", text: "export const found = body as Body;\n" },
  { path: "src/local/clock.ts", text: "console.log(Date.now(), Math.random());\n" },
];
