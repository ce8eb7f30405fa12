import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { findFreePort } from "../support/free-port.ts";
import { openRaceServer } from "../support/race-server.ts";
import { whyNoRealPostgres } from "../support/real-postgres.ts";
import { type Program, startProgram } from "./started-program.ts";
import { parseWelcome, welcomeEnd } from "./welcome-text.ts";

const run = promisify(execFile);

const missing = whyNoRealPostgres();
const folder = mkdtempSync(join(tmpdir(), "pantheon-start-postgres-"));
const programs: Program[] = [];

afterAll(async () => {
  for (const program of programs) program.signalGroup("SIGKILL");
  await Promise.all(programs.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(missing !== undefined)(
  `npm start on a server of one's own${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    it("migrates and seeds it by LOCAL_POSTGRES_URL, and asks the models of OPENROUTER_BASE_URL", async () => {
      const server = await openRaceServer(join(folder, "no-migrations"));
      if (server === null) throw new Error("no real Postgres on this machine");
      onTestFinished(server.stop);
      const models = await startOpenRouter({ apiKey: "my-own" });
      onTestFinished(models.stop);
      const program = startProgram("start", {
        LOCAL_MODEL_MS_PER_CHUNK: "2",
        PORT: String(await findFreePort()),
        PANTHEON_DATA: join(folder, "data"),
        LOCAL_POSTGRES_URL: server.url,
        OPENROUTER_BASE_URL: models.baseUrl,
        OPENROUTER_API_KEY: "my-own",
      });
      programs.push(program);
      const text = await program.printed(welcomeEnd);
      const { curl } = parseWelcome(text);
      expect(text).toContain(`Models        ${models.baseUrl}`);
      const turn = JSON.parse((await run("bash", ["-c", curl])).stdout);
      program.signalGroup("SIGINT");
      expect((await program.ended).code).toBe(130);
      expect(turn.status).toBe("completed");
      expect(models.requests().filter(({ path }) => path.endsWith("/chat/completions"))).toHaveLength(3);
    });
  },
);
