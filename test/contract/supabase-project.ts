import * as z from "zod";
import { createTokenVerifier } from "../../src/adapters/supabase/token-verifier.ts";
import { startSupabase } from "../../src/local/supabase/start-supabase.ts";
import type { TokenVerifier } from "../../src/ports/token-verifier.ts";

const anonKey = "anon-key";

export interface Mint {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly expires_in_seconds?: number;
  readonly is_key_unpublished?: boolean;
}

export interface SupabaseProject {
  readonly url: string;
  readonly issuer: string;
  readonly verifier: TokenVerifier;
  /** The paths that the verifier asked for. */
  readonly asked: readonly string[];
  mint(mint?: Mint): Promise<string>;
  addStandby(): Promise<void>;
  rotate(isOldKept: boolean): Promise<void>;
  setFaults(faults: object): Promise<void>;
  advance(ms: number): void;
  /** Only `advance` moves the clock from here on. */
  holdClock(): void;
  stop(): Promise<void>;
}

/** Far beyond what a slow machine reaches: the test of the deadline itself ends it by hand. */
export const tokenTimeoutMs = 300_000;

/** The stand-in with a verifier over it, on a clock of their own that tests move. */
export async function startSupabaseProject(jwtSecret?: string): Promise<SupabaseProject> {
  const server = await startSupabase(jwtSecret === undefined ? { anonKey } : { anonKey, jwtSecret });
  const asked: string[] = [];
  let aheadMs = 0;
  let heldAtMs: number | null = null;
  const verifier = createTokenVerifier({
    supabaseUrl: server.url,
    anonKey,
    timeoutMs: tokenTimeoutMs,
    clock: { now: () => new Date((heldAtMs ?? Date.now()) + aheadMs) },
    fetch: (input, init) => {
      asked.push(new URL(String(input)).pathname);
      return fetch(input, init);
    },
  });
  const command = async (method: string, path: string, body: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${anonKey}` };
    const response = await fetch(`${server.url}/_faults${path}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };
  return {
    url: server.url,
    issuer: `${server.url}/auth/v1`,
    verifier,
    asked,
    mint: async (mint = {}) => {
      const minted = await command("POST", "/mint", mint);
      return z.object({ access_token: z.string() }).parse(minted).access_token;
    },
    addStandby: async () => {
      await command("POST", "/standby", {});
    },
    rotate: async (isOldKept) => {
      await command("POST", "/rotate", { keep_old: isOldKept });
    },
    setFaults: async (faults) => {
      await command("PUT", "", faults);
    },
    advance: (ms) => {
      aheadMs += ms;
    },
    holdClock: () => {
      heldAtMs = Date.now();
    },
    stop: server.stop,
  };
}
