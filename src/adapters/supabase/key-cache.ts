import * as z from "zod";
import { PantheonError } from "../../contract/errors.ts";
import type { Clock } from "../../ports/clock.ts";

const freshMs = 10 * 60 * 1_000;
const refetchPauseMs = 30 * 1_000;

const SigningKey = z.looseObject({ kid: z.string(), kty: z.enum(["EC", "RSA"]), alg: z.string().optional() });
const KeySet = z.object({ keys: z.array(z.unknown()) });

export type SigningKey = z.infer<typeof SigningKey>;
export type Fetch = typeof fetch;

export interface KeyCacheOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

export interface KeyCache {
  /** Looks once more for an unknown id, but not more often than the pause allows, whatever ids strangers invent. */
  withId(kid: string): Promise<SigningKey | undefined>;
}

interface State {
  readonly keys: readonly SigningKey[] | null;
  readonly fetchedAtMs: number;
  readonly attemptedAtMs: number;
  readonly isSettled: boolean;
}

/** Holds results only: a promise that another request made must not be awaited in workerd. */
export function createKeyCache({ url, apiKey, clock, fetch }: KeyCacheOptions): KeyCache {
  let state: State = { keys: null, fetchedAtMs: 0, attemptedAtMs: 0, isSettled: true };
  const nowMs = () => clock.now().getTime();
  const isPausing = () => nowMs() - state.attemptedAtMs < refetchPauseMs;

  const refresh = async (): Promise<readonly SigningKey[]> => {
    state = { ...state, attemptedAtMs: nowMs(), isSettled: false };
    const keys = await fetchKeys(url, apiKey, fetch);
    state = { ...state, keys, fetchedAtMs: nowMs(), isSettled: true };
    return keys;
  };

  /** Every published signing key; stale ones when the server is away. */
  const all = async (): Promise<readonly SigningKey[]> => {
    const { keys, fetchedAtMs } = state;
    if (keys === null) return refresh();
    if (nowMs() - fetchedAtMs < freshMs || isPausing()) return keys;
    return refresh().catch(() => keys);
  };

  const withId = async (kid: string): Promise<SigningKey | undefined> => {
    const known = findKey(await all(), kid);
    if (known !== undefined) return known;
    if (!isPausing()) return findKey(await refresh(), kid);
    // The last look failed or is still under way, so nobody knows whether this key exists.
    if (!state.isSettled) throw keysUnavailable(undefined);
    return undefined;
  };

  return { withId };
}

async function fetchKeys(url: string, apiKey: string, fetch: Fetch): Promise<readonly SigningKey[]> {
  try {
    const response = await fetch(url, { headers: { apikey: apiKey } });
    if (response.ok) return usableKeys(KeySet.parse(await response.json()).keys);
    await response.body?.cancel();
    throw new Error(`the key set answered ${response.status}`);
  } catch (cause) {
    throw keysUnavailable(cause);
  }
}

function usableKeys(keys: readonly unknown[]): readonly SigningKey[] {
  return keys.flatMap((key) => {
    const parsed = SigningKey.safeParse(key);
    return parsed.success ? [parsed.data] : [];
  });
}

function findKey(keys: readonly SigningKey[], kid: string): SigningKey | undefined {
  return keys.find((key) => key.kid === kid);
}

function keysUnavailable(cause: unknown): PantheonError {
  return new PantheonError("dependency_unavailable", "The sign-in service's keys cannot be had at the moment.", {
    cause,
    retryAfterSeconds: refetchPauseMs / 1_000,
  });
}
