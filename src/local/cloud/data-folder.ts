import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** What is kept for a person in a folder of their own cannot be read or written any more. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

const port = z.int().min(1).max(65_535);
const CloudPorts = z.strictObject({
  neon: port,
  qstash: port,
  redis: port,
  supabase: port,
  openRouter: port,
  /** Any, in a folder from before there was one. */
  dns: port.or(z.literal(0)).default(0),
});
export type CloudPorts = z.infer<typeof CloudPorts>;

const key = z.string().min(16);
const CloudKeys = z.strictObject({
  databasePassword: key,
  qstashToken: key,
  qstashCurrentSigningKey: key,
  qstashNextSigningKey: key,
  redisToken: key,
  supabaseAnonKey: key,
  openRouterKey: key,
  dnsToken: key.default(() => randomKey("dns_")),
});
export type CloudKeys = z.infer<typeof CloudKeys>;

const CloudMemory = z.strictObject({ keys: CloudKeys, ports: CloudPorts.nullable() });
export type CloudMemory = z.infer<typeof CloudMemory>;

const fileName = "cloud.json";

/** The keys and ports of the start before; new keys on the first one. */
export function recallCloud(folder: string | null): CloudMemory {
  const remembered = folder === null ? undefined : readKept(folder, fileName, CloudMemory);
  return remembered ?? { keys: makeKeys(), ports: null };
}

export function rememberCloud(folder: string | null, memory: CloudMemory): void {
  if (folder !== null) writeKept(folder, fileName, memory);
}

export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new DataFolderError(`it cannot be made: ${reasonOf(error)}`, { cause: error });
  }
}

/** Nothing when the file is not there yet. */
export function readKept<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
): z.infer<Schema> | undefined {
  const path = join(folder, name);
  try {
    return existsSync(path) ? schema.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
  } catch (error) {
    throw new DataFolderError(`${name} does not hold what was written to it`, { cause: error });
  }
}

/** A rename is atomic, so a killed process leaves the old file or the new one. */
export function writeKept(folder: string, name: string, value: unknown): void {
  const path = join(folder, name);
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new DataFolderError(`${name} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}

function makeKeys(): CloudKeys {
  return {
    databasePassword: randomKey(""),
    qstashToken: randomKey("qstash_"),
    qstashCurrentSigningKey: randomKey("sig_"),
    qstashNextSigningKey: randomKey("sig_"),
    redisToken: randomKey("redis_"),
    supabaseAnonKey: randomKey("sb_publishable_"),
    openRouterKey: randomKey("sk-or-v1-"),
    dnsToken: randomKey("dns_"),
  };
}

function randomKey(prefix: string): string {
  return `${prefix}${randomBytes(18).toString("hex")}`;
}
