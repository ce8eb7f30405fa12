import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";

const User = z.object({
  id: z.uuid(),
  email: z.string(),
  passwordHash: z.string(),
  createdAt: z.string(),
  lastSignInAt: z.string(),
  metadata: z.record(z.string(), z.unknown()),
});
export type User = z.infer<typeof User>;

const Session = z.object({ id: z.uuid(), userId: z.uuid(), signedInAtSeconds: z.int() });
export type Session = z.infer<typeof Session>;

const RefreshToken = z.object({ token: z.string(), sessionId: z.uuid(), isUsed: z.boolean() });

const StoredKey = z.object({
  kid: z.string(),
  privateJwk: z.record(z.string(), z.unknown()),
  isPublished: z.boolean(),
  /** Published before it signs anything. */
  isStandby: z.boolean().default(false),
});
export type StoredKey = z.infer<typeof StoredKey>;

const AuthData = z.object({
  users: z.array(User),
  sessions: z.array(Session),
  refreshTokens: z.array(RefreshToken),
  keys: z.array(StoredKey),
  isSecretRevoked: z.boolean().default(false),
});
export type AuthData = z.infer<typeof AuthData>;

export interface AuthStore {
  read(): AuthData;
  /** Replaces what changed, on disk first where there is a file. */
  write(change: Partial<AuthData>): void;
}

export function openAuthStore(file: string | undefined): AuthStore {
  let data: AuthData = file === undefined ? emptyData() : loadFile(file);
  return {
    read: () => data,
    write: (change) => {
      const next = { ...data, ...change };
      if (file !== undefined) saveFile(file, next);
      data = next;
    },
  };
}

function emptyData(): AuthData {
  return { users: [], sessions: [], refreshTokens: [], keys: [], isSecretRevoked: false };
}

function loadFile(file: string): AuthData {
  try {
    return AuthData.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return emptyData();
    throw new Error(`${file} does not hold the data of the Supabase stand-in; delete it to begin anew`, {
      cause: error,
    });
  }
}

/** A rename is atomic, so a killed process leaves the old file or the new one. */
function saveFile(file: string, data: AuthData): void {
  writeFileSync(`${file}.new`, JSON.stringify(data), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
