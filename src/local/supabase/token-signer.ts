import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { AuthStore, StoredKey } from "./auth-data.ts";

export interface TokenSigner {
  sign(claims: JWTPayload, options?: SignOptions): Promise<string>;
  /** The claims of a token that this project signed and that has not ended; null otherwise. */
  verify(token: string): Promise<JWTPayload | null>;
  publicKeys(): readonly JWK[];
  /** Signs with a new key from now on; answers its id. */
  rotate(isOldKeptPublished: boolean): Promise<string>;
}

export interface SignOptions {
  /** Signs with a key that nobody can look up. */
  readonly isKeyUnpublished?: boolean;
}

/** A legacy project signs with one shared secret and publishes no key. */
export function createLegacySigner(secret: string): TokenSigner {
  const key = new TextEncoder().encode(secret);
  return {
    sign: (claims, options) => {
      const signingKey = options?.isKeyUnpublished ? new TextEncoder().encode(randomUUID()) : key;
      return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(signingKey);
    },
    verify: (token) => claimsOrNull(jwtVerify(token, key, { algorithms: ["HS256"] })),
    publicKeys: () => [],
    rotate: () => Promise.reject(new Error("a legacy project has no signing keys to rotate")),
  };
}

export async function createAsymmetricSigner(store: AuthStore): Promise<TokenSigner> {
  if (store.read().keys.length === 0) store.write({ keys: [await createKey()] });
  const publishedKeys = () => store.read().keys.filter((key) => key.isPublished);
  return {
    sign: async (claims, options) => {
      const key = options?.isKeyUnpublished ? await createKey() : store.read().keys.at(-1);
      if (key === undefined) throw new Error("there is no signing key");
      const header = { alg: "ES256", kid: key.kid, typ: "JWT" };
      return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key.privateJwk, "ES256"));
    },
    verify: (token) => {
      const keyOf = async ({ kid }: { readonly kid?: string }) => {
        const key = publishedKeys().find((candidate) => candidate.kid === kid);
        if (key === undefined) throw new Error("the key is not published");
        return importJWK(publicJwk(key), "ES256");
      };
      return claimsOrNull(jwtVerify(token, keyOf, { algorithms: ["ES256"] }));
    },
    publicKeys: () => publishedKeys().map(publicJwk),
    rotate: async (isOldKeptPublished) => {
      const next = await createKey();
      const old = store.read().keys.map((key) => ({ ...key, isPublished: key.isPublished && isOldKeptPublished }));
      store.write({ keys: [...old, next] });
      return next.kid;
    },
  };
}

async function createKey(): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { kid: randomUUID(), privateJwk: { ...(await exportJWK(privateKey)) }, isPublished: true };
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
