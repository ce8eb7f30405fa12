import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { openPglite } from "../../src/local/postgres/pglite.ts";
import { errorOf } from "../support/error-of.ts";
import { usePgliteBench } from "./pglite-bench.ts";

const opened = usePgliteBench();

describe("npm run rebuild", () => {
  const program = fileURLToPath(new URL("../../src/local/rebuild.ts", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "pantheon-rebuild-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (args: readonly string[], variables: Readonly<Record<string, string>> = { PANTHEON_DATA: folder }) =>
    promisify(execFile)(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...variables } });

  it("says of each call whether its prompt is the one that was sent, shows it, and fails when one is not", async () => {
    const { bench, backend } = opened();
    const room = await bench.furnish(["ada", "bob"]);
    const whole = await room.finish(await room.send("What of the hall?"));
    const spoilt = await room.finish(await room.send("And the budget?"));
    await bench.cloud.standIns.qstash.core.settled();
    await bench.write("update messages set text = 'What budget?' where turn_id = $1 and position = 0", [spoilt.id]);
    await (await openPglite({ dataDir: join(folder, "postgres"), loadDataDir: await backend.dump() })).close();
    const { stdout } = await run(["--turn", whole.id]);
    expect(stdout.split("\n").slice(0, -1)).toEqual([
      expect.stringMatching(/^step 0 of ada, attempt 1: the prompt is the one that was sent \([0-9a-f]{64}\)$/),
      expect.stringMatching(/^step 1 of bob, attempt 1: the prompt is the one that was sent \([0-9a-f]{64}\)$/),
    ]);
    const shown = (await run(["--turn", whole.id, "--print"])).stdout;
    expect(shown).toContain("--- system\nYou are ADA");
    expect(shown).toContain("What of the hall?");
    expect(await errorOf(run(["--turn", spoilt.id]))).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("step 0 of ada, attempt 1: THE PROMPT DIFFERS"),
    });
    expect(await errorOf(run(["--turn", room.session.id]))).toMatchObject({
      code: 1,
      stderr: `rebuild failed: there is no turn ${room.session.id}\n`,
    });
  });

  it.each([
    ["which turn", [], {}, "say which turn: npm run rebuild -- --turn <id>"],
    [
      "a Postgres",
      ["--turn", "0190a000-0000-7000-8000-000000000001"],
      { DATABASE_URL: "mysql://x" },
      "DATABASE_URL must be",
    ],
    [
      "a folder with a database",
      ["--turn", "0190a000-0000-7000-8000-000000000001"],
      { PANTHEON_DATA: "/nowhere/at-all" },
      "there is no database in /nowhere/at-all",
    ],
  ])("wants to know %s", async (_, args, variables, complaint) => {
    const told = { code: 1, stdout: "", stderr: expect.stringContaining(`rebuild failed: ${complaint}`) };
    expect(await errorOf(run(args, variables))).toMatchObject(told);
  });
});
