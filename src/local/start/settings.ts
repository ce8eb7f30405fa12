import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export interface StartSettings {
  readonly port: number;
  readonly dataFolder: string;
  readonly databaseUrl: string | undefined;
  /** How fast the model stand-in speaks. */
  readonly msPerChunk: number;
}

/** A variable of `npm start` that cannot be used. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const given = (value: string | undefined) => (value === "" ? undefined : value);

const Port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(65_535));
const MsPerChunk = z.coerce.number().pipe(z.int().min(0).max(10_000));
const PostgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

export function readSettings(variables: Readonly<Record<string, string | undefined>>): StartSettings {
  const port = readPort(variables.PORT);
  const databaseUrl = PostgresUrl.optional().safeParse(given(variables.LOCAL_POSTGRES_URL));
  if (!databaseUrl.success) throw new SettingError("LOCAL_POSTGRES_URL must be a postgresql:// URL.");
  const msPerChunk = MsPerChunk.safeParse(given(variables.LOCAL_MODEL_MS_PER_CHUNK) ?? "20");
  if (!msPerChunk.success) throw new SettingError("LOCAL_MODEL_MS_PER_CHUNK must be a whole number from 0 to 10000.");
  const dataFolder = resolve(given(variables.PANTHEON_DATA) ?? `${root}.pantheon`);
  return { port, dataFolder, databaseUrl: databaseUrl.data, msPerChunk: msPerChunk.data };
}

export function readPort(value: string | undefined): number {
  const port = Port.safeParse(given(value) ?? "8787");
  if (port.success) return port.data;
  throw new SettingError(`PORT must be a whole number from 1 to 65535, not "${value}".`);
}
