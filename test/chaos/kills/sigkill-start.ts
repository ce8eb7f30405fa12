import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPglite } from "../../../src/local/postgres/pglite.ts";
import { startProgram } from "../../journey/started-program.ts";
import { parseWelcome, welcomeEnd } from "../../journey/welcome-text.ts";
import { type ApiClient, finishTurn, makeSession, sendTurn, untilSpoken } from "./api-client.ts";
import { freePort } from "./free-port.ts";
import type { KillReport } from "./sigkill-worker.ts";
import { inspectTurn } from "./sigkill-worker.ts";
import { untilAnswered } from "./until-answered.ts";

/** Kills all of `npm start` in the middle of a turn, database and queue included, and starts it again. */
export async function killEverythingMidTurn(): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), "pantheon-kill-"));
  const variables = { PORT: String(await freePort()), PANTHEON_DATA: folder };
  try {
    const turnId = await killMidTurn(variables);
    await endLeases(folder);
    await finishAfterRestart(variables, turnId);
    const violations = await inspectFolder(folder, turnId);
    console.log(
      `SIGKILL of npm start mid-turn: ${violations.length === 0 ? "each agent spoke once" : violations.join("; ")}`,
    );
    return { kills: 1, violations: violations.map((violation) => `npm start killed mid-turn: ${violation}`) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killMidTurn(variables: Readonly<Record<string, string>>): Promise<string> {
  const program = startProgram("start", variables);
  try {
    const client = clientOf(await program.printed(welcomeEnd));
    const turn = await sendTurn(client, await makeSession(client));
    await untilSpoken(client, turn.id);
    return turn.id;
  } finally {
    program.signalGroup("SIGKILL");
    await program.ended;
  }
}

async function finishAfterRestart(variables: Readonly<Record<string, string>>, turnId: string): Promise<void> {
  const program = startProgram("start", variables);
  try {
    await finishTurn(clientOf(await program.printed(welcomeEnd)), turnId);
  } finally {
    program.signalGroup("SIGTERM");
    await program.ended;
  }
}

function clientOf(welcome: string): ApiClient {
  const { api, apiKey } = parseWelcome(welcome);
  return { url: new URL(api).origin, token: apiKey };
}

/** Time moves on for what the dead process held, so that nobody waits for it. */
async function endLeases(folder: string): Promise<void> {
  await inFolder(folder, "update turn_steps set lease_until = now() - interval '1 second' where status = 'running'");
}

async function inspectFolder(folder: string, turnId: string): Promise<readonly string[]> {
  const read = async (sql: string) => JSON.parse((await inFolder(folder, `select to_jsonb((${sql}))`)) ?? "null");
  return inspectTurn({ read }, turnId);
}

async function inFolder(folder: string, sql: string): Promise<string | null> {
  // A killed process keeps its lock until the system has collected it.
  const backend = await untilAnswered(() => openPglite({ dataDir: join(folder, "postgres") }));
  try {
    return (await backend.runBatch([{ sql: "set local role pantheon_system" }, { sql }]))[1]?.rows[0]?.[0] ?? null;
  } finally {
    await backend.close();
  }
}
