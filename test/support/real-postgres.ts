import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { ownerRole } from "../../src/local/postgres/owner-role.ts";
import { findFreePort } from "./free-port.ts";

export interface RealPostgres {
  /** The owner's, in a database of its own. */
  readonly url: string;
  /** The superuser's, for making further databases. */
  readonly adminUrl: string;
  stop(): Promise<void>;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

interface Cluster {
  readonly bin: string;
  readonly folder: string;
  readonly account: Account;
  readonly password: string;
}

const admin = "pantheon_admin";
const run = promisify(execFile);

/** A throw-away server from the machine's own binaries; null where there are none, except in CI, which must have them. */
export async function startRealPostgres(): Promise<RealPostgres | null> {
  const found = findBinaries();
  if (typeof found === "string") {
    if (process.env.CI) throw new Error(`CI needs a real Postgres: ${found}`);
    return null;
  }
  const cluster = await initialise(found.bin, found.account);
  try {
    return await startCluster(cluster);
  } catch (error) {
    rmSync(cluster.folder, { recursive: true, force: true });
    throw error;
  }
}

/** For a suite's title; nothing to say in CI, where a missing server must fail the suite. */
export function whyNoRealPostgres(): string | undefined {
  const found = findBinaries();
  return typeof found === "string" && !process.env.CI ? found : undefined;
}

/** What keeps plpgsql_check from running; nothing to say in CI, where a missing extension must fail its suite. */
export function whyNoPlpgsqlCheck(): string | undefined {
  const found = findBinaries();
  if (typeof found === "string") return process.env.CI ? undefined : found;
  const pgConfig = join(found.bin, "pg_config");
  const folder = existsSync(pgConfig) ? execFileSync(pgConfig, ["--sharedir"], { encoding: "utf8" }).trim() : "";
  if (existsSync(join(folder, "extension/plpgsql_check.control")) || process.env.CI) return undefined;
  return "no plpgsql_check on this machine";
}

function findBinaries(): { readonly bin: string; readonly account: Account } | string {
  const bin = binaryFolders().find(
    (folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  );
  if (bin === undefined) return "no initdb and postgres on this machine";
  if (process.getuid?.() !== 0) return { bin, account: {} };
  try {
    return { bin, account: { uid: idOf("-u"), gid: idOf("-g") } };
  } catch {
    return "running as root, and there is no user postgres to run the server as";
  }
}

function binaryFolders(): readonly string[] {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")];
}

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}

async function initialise(bin: string, account: Account): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), "pantheon-postgres-"));
  const password = randomBytes(12).toString("hex");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid);
  }
  const options = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--auth=scram-sha-256", `--username=${admin}`];
  await run(join(bin, "initdb"), [...options, `--pwfile=${passwordFile}`, "-D", join(folder, "data")], {
    ...account,
    cwd: folder,
  });
  return { bin, folder, account, password };
}

async function startCluster(cluster: Cluster): Promise<RealPostgres> {
  const port = await findFreePort();
  const guard = spawnGuarded(cluster, port);
  const urlOf = (user: string, database: string) =>
    `postgresql://${user}:${cluster.password}@127.0.0.1:${port}/${database}`;
  const adminUrl = urlOf(admin, "postgres");
  try {
    await untilReady(adminUrl, guard);
    await createOwner(adminUrl, cluster.password);
  } catch (error) {
    await stopGuarded(guard);
    throw error;
  }
  return { url: urlOf(ownerRole, "pantheon"), adminUrl, stop: () => stopGuarded(guard) };
}

/** A shell reads a pipe that only this process holds open, so the server ends however this process does. */
const guardScript = `
bin=$1; folder=$2; shift 2
exec 3<&0
"$bin/postgres" -D "$folder/data" "$@" >"$folder/log" 2>&1 3<&- & server=$!
( read -r line <&3; kill -QUIT $server ) & reader=$!
wait $server
kill $reader 2>/dev/null
rm -rf "$folder"
`;

function spawnGuarded({ bin, folder, account }: Cluster, port: number): ChildProcess {
  const settings = [
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "jit=off",
    "max_connections=200",
  ];
  const args = ["-c", guardScript, "pantheon-postgres", bin, folder, ...settings.flatMap((setting) => ["-c", setting])];
  const guard = spawn("sh", args, { ...account, cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
  guard.unref();
  return guard;
}

async function stopGuarded(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  guard.ref();
  const exited = new Promise((resolve) => guard.once("exit", resolve));
  guard.stdin?.end();
  await exited;
}

async function untilReady(adminUrl: string, guard: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await withClient(adminUrl, async () => undefined);
    } catch (error) {
      if (guard.exitCode !== null || attempt >= 200) throw error;
      await sleep(50);
    }
  }
}

async function createOwner(adminUrl: string, password: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query(
      `create role ${ownerRole} login nosuperuser nobypassrls createrole password ${client.escapeLiteral(password)}`,
    );
    await client.query(`create database pantheon owner ${ownerRole}`);
  });
}

export async function withClient(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end();
  }
}
