import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import type { SqlBackend } from "./postgres/backend.ts";
import { openPglite } from "./postgres/pglite.ts";
import { type RebuiltCall, rebuildTurn } from "./postgres/rebuild.ts";
import { openServer } from "./postgres/server.ts";
import { readSettings } from "./start/settings.ts";

const TurnId = z.guid();
const PostgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

const wordsByOutcome = {
  matches: "the prompt is the one that was sent",
  differs: "THE PROMPT DIFFERS",
  lost: "THE PROMPT CANNOT BE REBUILT",
  unsent: "no prompt was sent",
} as const;

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { turn: { type: "string" }, print: { type: "boolean", default: false } } });
  const turn = TurnId.safeParse(values.turn);
  if (!turn.success) throw new Error("say which turn: npm run rebuild -- --turn <id>");
  const backend = await open();
  try {
    const calls = await rebuildTurn(backend, turn.data);
    if (calls === null) throw new Error(`there is no turn ${turn.data}`);
    for (const call of calls) show(call, values.print);
    return calls.every(({ outcome }) => outcome === "matches" || outcome === "unsent");
  } finally {
    await backend.close();
  }
}

/** DATABASE_URL, or else what `npm start` uses. */
async function open(): Promise<SqlBackend> {
  const { DATABASE_URL: given = "", ...variables } = process.env;
  if (given !== "") {
    const url = PostgresUrl.safeParse(given);
    if (!url.success) throw new Error("DATABASE_URL must be a postgresql:// URL");
    return openServer(url.data);
  }
  const { databaseUrl, dataFolder } = readSettings(variables);
  if (databaseUrl !== undefined) return openServer(databaseUrl);
  const dataDir = join(dataFolder, "postgres");
  if (!existsSync(dataDir)) throw new Error(`there is no database in ${dataFolder}`);
  return openPglite({ dataDir });
}

function show({ step, agent, attempt, outcome, detail, prompt }: RebuiltCall, isPrinted: boolean): void {
  const line = `step ${step} of ${agent}, attempt ${attempt}: ${wordsByOutcome[outcome]}`;
  console.log(detail === "" ? line : `${line} (${detail})`);
  if (isPrinted) for (const { role, content } of prompt) console.log(`--- ${role}\n${content}`);
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  console.error(`rebuild failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
