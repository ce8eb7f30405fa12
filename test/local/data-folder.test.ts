import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recallCloud, rememberCloud, writeKept } from "../../src/local/cloud/data-folder.ts";

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
