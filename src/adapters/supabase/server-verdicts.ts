import { PantheonError } from "../../contract/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TokenRefusal } from "../../ports/token-verifier.ts";

const keptMs = 60_000;
const maxKept = 1_000;
const strangersPerMinute = 100;

export interface ServerVerdictsOptions {
  readonly clock: Clock;
  /** Asks the server about one token; null when it is good. */
  ask(token: string): Promise<TokenRefusal | null>;
}

export interface ServerVerdicts {
  /** Null when the token is good. Throws `dependency_unavailable` when too many unknown tokens came in this minute. */
  refusalOf(token: string, endsAtSeconds: number): Promise<TokenRefusal | null>;
}

interface Verdict {
  readonly refusal: TokenRefusal | null;
  readonly keptUntilMs: number;
}

/** Keeps what the server said about each token, by its hash. Bad tokens have a map of their own, so that they drive out no good one. */
export function createServerVerdicts({ clock, ask }: ServerVerdictsOptions): ServerVerdicts {
  const good = new Map<string, Verdict>();
  const bad = new Map<string, Verdict>();
  const strangers = createStrangerCount(clock);

  return {
    refusalOf: async (token, endsAtSeconds) => {
      const hash = await hashOf(token);
      const known = good.get(hash) ?? bad.get(hash);
      const nowMs = clock.now().getTime();
      if (known !== undefined && nowMs < known.keptUntilMs) return known.refusal;
      // A token that was good before is no stranger, so that strangers cannot shut its user out.
      const admission = good.has(hash) ? null : strangers.admit();
      const refusal = await ask(token);
      const verdict = { refusal, keptUntilMs: Math.min(nowMs + keptMs, endsAtSeconds * 1_000) };
      keep(refusal === null ? good : bad, hash, verdict);
      if (refusal === null) admission?.giveBack();
      else good.delete(hash);
      return refusal;
    },
  };
}

interface Admission {
  giveBack(): void;
}

/** Counts what was asked in the minute, answered or not: a request that its client leaves never comes to an end. */
function createStrangerCount(clock: Clock): { admit(): Admission } {
  let current = { endsAtMs: 0, count: 0 };
  return {
    admit: () => {
      const nowMs = clock.now().getTime();
      if (nowMs >= current.endsAtMs) current = { endsAtMs: nowMs + 60_000, count: 0 };
      const minute = current;
      if (minute.count >= strangersPerMinute) throw tooManyStrangers(minute.endsAtMs - nowMs);
      minute.count += 1;
      return {
        giveBack: () => {
          minute.count -= 1;
        },
      };
    },
  };
}

/** The verdict that was kept first goes first. */
function keep(verdicts: Map<string, Verdict>, hash: string, verdict: Verdict): void {
  verdicts.delete(hash);
  verdicts.set(hash, verdict);
  const [oldest] = verdicts.keys();
  if (verdicts.size > maxKept && oldest !== undefined) verdicts.delete(oldest);
}

async function hashOf(token: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

function tooManyStrangers(leftMs: number): PantheonError {
  return new PantheonError("dependency_unavailable", "Too many unknown tokens are waiting to be checked.", {
    retryAfterSeconds: Math.ceil(leftMs / 1_000),
  });
}
