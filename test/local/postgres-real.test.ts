import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { SqlStatement } from "../../src/local/postgres/backend.ts";
import { openServer } from "../../src/local/postgres/server.ts";
import { openRaceDatabase } from "../support/database.ts";
import { errorOf } from "../support/error-of.ts";
import { eventually } from "../support/eventually.ts";
import { startRealPostgres, whyNoRealPostgres } from "../support/real-postgres.ts";

const missing = whyNoRealPostgres();

describe.skipIf(missing !== undefined)(`a real server${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it("holds 40 transactions open at once, and gives each database its own tables", async () => {
    const [one, other] = await Promise.all([openRaceDatabase(), openRaceDatabase()]);
    if (one === null || other === null) throw new Error("no real Postgres on this machine");
    await one.backend.run({ sql: "create table gate (lane int)" });
    const lanes = Array.from({ length: 40 }, (_, lane) => String(lane));
    await Promise.all(lanes.map((lane) => one.backend.runBatch(passGateTogether(lane))));
    const passed = await one.backend.run({ sql: "select count(*) from gate" });
    expect(passed.rows).toEqual([["40"]]);
    const gates = await other.backend.run({ sql: "select to_regclass('gate')" });
    expect(gates.rows).toEqual([[null]]);
    await Promise.all([one.stop(), other.stop()]);
  });

  it("ends when stopped", async () => {
    const postgres = await startRealPostgres();
    if (postgres === null) throw new Error("no real Postgres on this machine");
    const backend = await openServer(postgres.url);
    expect((await backend.run({ sql: "show fsync" })).rows).toEqual([["off"]]);
    await backend.close();
    await postgres.stop();
    expect(await errorOf(openServer(postgres.url))).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("takes only the statement with it when it ends in the middle of one", async () => {
    const postgres = await startRealPostgres();
    if (postgres === null) throw new Error("no real Postgres on this machine");
    const backend = await openServer(postgres.url);
    const asleep = errorOf(backend.run({ sql: "select pg_sleep(60)" }));
    await eventually(async () => expect((await backend.run({ sql: countAsleep })).rows).toEqual([["1"]]));
    await postgres.stop();
    expect(await asleep).toBeInstanceOf(Error);
    expect(await errorOf(backend.run({ sql: "select 1" }))).toMatchObject({ code: "ECONNREFUSED" });
    await backend.close();
  });

  it("ends when the process that started it is killed", async () => {
    const program = fileURLToPath(new URL("../support/start-real-postgres.ts", import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    const [url] = await once(createInterface({ input: child.stdout }), "line");
    await (await openServer(String(url))).close();
    child.kill("SIGKILL");
    await eventually(async () =>
      expect(await errorOf(openServer(String(url)))).toMatchObject({ code: "ECONNREFUSED" }),
    );
  });
});

const countAsleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";

/** The gate opens only while all 40 hold their lock; the first through leaves it open for the rest. */
function passGateTogether(lane: string): readonly SqlStatement[] {
  return [
    { sql: "set local statement_timeout = '300s'" },
    { sql: "select pg_advisory_xact_lock($1)", params: [lane] },
    {
      sql: `do $$ begin
  loop
    exit when exists (select from gate);
    exit when (select count(*) from pg_locks where locktype = 'advisory' and granted) >= 40;
    perform pg_sleep(0.01);
  end loop;
end $$`,
    },
    { sql: "insert into gate values ($1)", params: [lane] },
  ];
}
