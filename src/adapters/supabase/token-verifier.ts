import { AuthClient, type AuthError } from "@supabase/supabase-js";
import { PantheonError } from "../../contract/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TokenRefusal, TokenVerdict, TokenVerifier } from "../../ports/token-verifier.ts";
import { createKeyCache, type Fetch, type SigningKey } from "./key-cache.ts";
import { createServerVerdicts } from "./server-verdicts.ts";
import { checkClaims, readToken, type TokenClaims, type TokenHeader } from "./unverified-token.ts";

export interface TokenVerifierOptions {
  readonly supabaseUrl: string;
  readonly anonKey: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly fetch?: Fetch;
}

type SupabaseAuth = InstanceType<typeof AuthClient>;

const audience = "authenticated";

/** The algorithms that supabase-js verifies by itself, with the only key type each may use. */
const keyTypeByAlgorithm: ReadonlyMap<string, SigningKey["kty"]> = new Map([
  ["ES256", "EC"],
  ["RS256", "RSA"],
]);

const refusalByServerCode: ReadonlyMap<string | undefined, TokenRefusal> = new Map([
  ["bad_jwt", "signature"],
  ["session_not_found", "expired"],
  ["session_expired", "expired"],
  ["user_not_found", "claims"],
  ["user_banned", "claims"],
]);

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { anonKey, clock } = options;
  const issuer = `${options.supabaseUrl.replace(/\/+$/, "")}/auth/v1`;
  const fetch = withTimeout(options.timeoutMs, options.fetch ?? ((input, init) => globalThis.fetch(input, init)));
  const keys = createKeyCache({ url: `${issuer}/.well-known/jwks.json`, apiKey: anonKey, clock, fetch });
  const createClient = () => createAuthClient(issuer, anonKey, fetch);

  const server = createServerVerdicts({ clock, ask: (token) => askServer(createClient(), token) });

  const refusalOf = async (token: string, { alg, kid }: TokenHeader, exp: number): Promise<TokenRefusal | null> => {
    if (alg === "HS256") return server.refusalOf(token, exp);
    const keyType = keyTypeByAlgorithm.get(alg);
    if (keyType === undefined || kid === undefined) return "signature";
    const key = await keys.withId(kid);
    const isKeyRight = key?.kty === keyType && (key.alg ?? alg) === alg;
    return isKeyRight && (await isSignedBy(createClient(), token, { ...key, alg })) ? null : "signature";
  };

  return {
    verify: async (token) => {
      const unverified = readToken(token);
      if (unverified === null) return { kind: "invalid", reason: "malformed" };
      const claims = checkClaims(unverified.payload, { issuer, audience, now: clock.now() });
      if (typeof claims === "string") return { kind: "invalid", reason: claims };
      const reason = await refusalOf(token, unverified.header, claims.exp);
      return reason === null ? validVerdict(claims) : { kind: "invalid", reason };
    },
  };
}

/** Supabase notes in the metadata that it confirmed the address, whichever way. */
function validVerdict(claims: TokenClaims): TokenVerdict {
  const email = claims.email === undefined || claims.email === "" ? null : claims.email;
  const isEmailConfirmed =
    email !== null && claims.is_anonymous !== true && claims.user_metadata?.email_verified === true;
  return { kind: "valid", userId: claims.sub, email, isEmailConfirmed };
}

/** Given the key, supabase-js verifies without a fetch; expiry was judged before, by our own clock. */
async function isSignedBy(client: SupabaseAuth, token: string, key: SigningKey & { alg: string }): Promise<boolean> {
  try {
    const { data } = await client.getClaims(token, { keys: [{ ...key, key_ops: ["verify"] }], allowExpired: true });
    return data !== null;
  } catch {
    return false;
  }
}

/** A shared secret is known to the server alone, before, during and after a move to signing keys. */
async function askServer(client: SupabaseAuth, token: string): Promise<TokenRefusal | null> {
  const { error } = await client.getClaims(token, { allowExpired: true });
  if (error === null) return null;
  const refusal = refusalByServerCode.get(serverCode(error));
  if (refusal !== undefined) return refusal;
  throw new PantheonError("dependency_unavailable", "The sign-in service cannot be reached at the moment.", {
    cause: error,
    retryAfterSeconds: 5,
  });
}

/** supabase-js turns the server's `session_not_found` into an error of its own, without the code. */
function serverCode(error: AuthError): string | undefined {
  return error.name === "AuthSessionMissingError" ? "session_not_found" : error.code;
}

/** A client per call: it holds promises of its own, which must not outlive the request that made them. */
function createAuthClient(url: string, anonKey: string, fetch: Fetch): SupabaseAuth {
  return new AuthClient({
    url,
    headers: { apikey: anonKey },
    fetch,
    persistSession: false,
    autoRefreshToken: false,
    detectSessionInUrl: false,
    skipAutoInitialize: true,
  });
}

function withTimeout(timeoutMs: number, fetch: Fetch): Fetch {
  return (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
}
