import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../tree.ts";
import { generate } from "./generate.ts";

/** With the terminal, so that drizzle-kit can ask whether a column was renamed. */
async function runDrizzleKit(args: readonly string[]): Promise<void> {
  const program = join(root, "node_modules/.bin/drizzle-kit");
  const [code] = await once(spawn(program, ["generate", ...args], { cwd: root, stdio: "inherit" }), "close");
  if (code !== 0) throw new Error(`drizzle-kit ended with ${code}`);
}

try {
  const { values } = parseArgs({ options: { name: { type: "string" }, custom: { type: "boolean", default: false } } });
  if (values.name === undefined) throw new Error("say what it does: npm run db:generate -- --name keep_events");
  const tag = await generate(root, { name: values.name, isCustom: values.custom }, runDrizzleKit);
  console.log(tag === null ? "neither schema nor functions have changed" : `migrations/${tag}.sql written`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
