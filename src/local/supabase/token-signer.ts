import { randomUUID } from "node:crypto";
import {
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import type { AuthStore, StoredKey } from "./auth-data.ts";

export interface TokenSigner {
  sign(claims: JWTPayload, options?: SignOptions): Promise<string>;
  /** The claims of a token that this project signed and that has not ended; null otherwise. */
  verify(token: string): Promise<JWTPayload | null>;
  publicKeys(): readonly JWK[];
  /** Publishes a key that signs nothing yet; answers its id. */
  addStandby(): Promise<string>;
  /** Signs with the standby key from now on, or with a new one; answers its id. Without `isOldKept` older tokens are refused. */
  rotate(isOldKept: boolean): Promise<string>;
}

export interface SignOptions {
  /** Signs with a key that nobody can look up. */
  readonly isKeyUnpublished?: boolean;
}

/** With a secret the project is a legacy one: it signs by HS256 until a key of its own is current. */
export async function createTokenSigner(store: AuthStore, secret?: string): Promise<TokenSigner> {
  if (secret === undefined && store.read().keys.length === 0) store.write({ keys: [await createKey()] });
  const publishedKeys = () => store.read().keys.filter((key) => key.isPublished);
  const currentKey = () => store.read().keys.findLast((key) => !key.isStandby);
  return {
    sign: async (claims, { isKeyUnpublished = false } = {}) => {
      const current = currentKey();
      if (current !== undefined) return signByKey(claims, isKeyUnpublished ? await createKey() : current);
      if (secret === undefined) throw new Error("there is no signing key");
      return signBySecret(claims, isKeyUnpublished ? randomUUID() : secret);
    },
    verify: (token) => {
      const isSecretAccepted = secret !== undefined && !store.read().isSecretRevoked;
      if (isSecretAccepted && isSignedBySecret(token))
        return claimsOrNull(jwtVerify(token, toBytes(secret), { algorithms: ["HS256"] }));
      const keyOf = async ({ kid }: { readonly kid?: string }) => {
        const key = publishedKeys().find((candidate) => candidate.kid === kid);
        if (key === undefined) throw new Error("the key is not published");
        return importJWK(publicJwk(key), "ES256");
      };
      return claimsOrNull(jwtVerify(token, keyOf, { algorithms: ["ES256"] }));
    },
    publicKeys: () => publishedKeys().map(publicJwk),
    addStandby: async () => {
      const standby = { ...(await createKey()), isStandby: true };
      store.write({ keys: [...store.read().keys, standby] });
      return standby.kid;
    },
    rotate: async (isOldKept) => {
      const { keys, isSecretRevoked } = store.read();
      const next = keys.find((key) => key.isStandby) ?? (await createKey());
      const old = keys
        .filter((key) => key !== next)
        .map((key) => ({ ...key, isPublished: key.isPublished && isOldKept }));
      store.write({ keys: [...old, { ...next, isStandby: false }], isSecretRevoked: isSecretRevoked || !isOldKept });
      return next.kid;
    },
  };
}

function isSignedBySecret(token: string): boolean {
  try {
    return decodeProtectedHeader(token).alg === "HS256";
  } catch {
    return false;
  }
}

function signBySecret(claims: JWTPayload, secret: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(toBytes(secret));
}

async function signByKey(claims: JWTPayload, { kid, privateJwk }: StoredKey): Promise<string> {
  const header = { alg: "ES256", kid, typ: "JWT" };
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(privateJwk, "ES256"));
}

function toBytes(secret: string): Uint8Array {
  return new TextEncoder().encode(secret);
}

async function createKey(): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { kid: randomUUID(), privateJwk: { ...(await exportJWK(privateKey)) }, isPublished: true, isStandby: false };
}

function publicJwk({ kid, privateJwk }: StoredKey): JWK {
  const { d: _private, ...publicPart } = privateJwk;
  return { ...publicPart, alg: "ES256", kid, use: "sig", key_ops: ["verify"], ext: true };
}

async function claimsOrNull(verified: Promise<{ readonly payload: JWTPayload }>): Promise<JWTPayload | null> {
  return verified.then(
    ({ payload }) => payload,
    () => null,
  );
}
