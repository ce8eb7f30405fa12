import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recallCloud, rememberCloud, writeKept } from "../../src/local/cloud/data-folder.ts";
import { openDatabase } from "../../src/local/cloud/database.ts";
import { migrate } from "../../src/local/postgres/migrate.ts";
import { openPglite } from "../../src/local/postgres/pglite.ts";
import { complaintAbout } from "../../src/local/start/complaint.ts";
import { errorOf } from "../support/error-of.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pantheon-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("keeps the keys and ports of a folder from before there was a resolver, and gives it one key for good", () => {
  const { dnsToken, ...keys } = recallCloud(null).keys;
  const ports = { neon: 1, qstash: 2, redis: 3, supabase: 4, openRouter: 5 };
  writeKept(folder, "cloud.json", { keys, ports });
  const recalled = recallCloud(folder);
  expect(recalled.keys).toMatchObject(keys);
  expect(recalled.keys.dnsToken).toMatch(/^dns_[0-9a-f]{36}$/);
  expect(recalled.keys.dnsToken).not.toBe(dnsToken);
  expect(recalled.ports).toEqual({ ...ports, dns: 0 });
  rememberCloud(folder, recalled);
  expect(recallCloud(folder)).toEqual(recalled);
});

it("is refused in one sentence when its database was made by migrations from before the baseline", async () => {
  const migrations = join(folder, "old");
  mkdirSync(join(migrations, "meta"), { recursive: true });
  writeFileSync(join(migrations, "0000_house.sql"), "create table house (id int);");
  writeFileSync(
    join(migrations, "meta/_journal.json"),
    JSON.stringify({ entries: [{ tag: "0000_house", when: 1000 }] }),
  );
  const kept = await openPglite({ dataDir: join(folder, "postgres") });
  await migrate(kept, migrations);
  await kept.close();
  expect(complaintAbout(await errorOf(openDatabase({ dataFolder: folder })), folder)).toMatch(
    /^This database was made by migrations that 0000_baseline has replaced: .+ delete the data folder [^.]*\(\.pantheon.+\)[^.]+\.$/,
  );
});
