import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openRaceServer } from "../support/race-server.ts";
import { whyNoRealPostgres } from "../support/real-postgres.ts";
import { findFreePort, type Program, startProgram } from "./started-program.ts";

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
    it("migrates and seeds it by LOCAL_POSTGRES_URL", async () => {
      const server = await openRaceServer(join(folder, "no-migrations"));
      if (server === null) throw new Error("no real Postgres on this machine");
      const port = await findFreePort();
      const variables = { PORT: String(port), PANTHEON_DATA: join(folder, "data"), LOCAL_POSTGRES_URL: server.url };
      const program = startProgram("start", variables);
      programs.push(program);
      const [, apiKey] = /API key +(\S+)/.exec(await program.printed("Ctrl-C ends it")) ?? [];
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/rooms`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      const rooms = (await response.json()).data;
      program.signalGroup("SIGINT");
      expect((await program.ended).code).toBe(130);
      await server.stop();
      expect(rooms.map(({ name }: { name: string }) => name)).toEqual(["Launch review"]);
    }, 90_000);
  },
);
