import { PantheonError } from "../contract/errors.ts";
import type { Caller } from "../ports/caller.ts";
import type { Clock } from "../ports/clock.ts";
import type { IdempotencyStore, StoredReply } from "../ports/idempotency.ts";
import type { Reply } from "./reply.ts";

/** What a client said to make sure that a request takes effect once. */
export interface Once {
  readonly key: string;
  readonly fingerprint: string;
}

export interface OncePorts {
  readonly idempotency: Pick<IdempotencyStore, "find">;
  readonly clock: Clock;
}

type Keep = (reply: Reply, kept?: Reply) => StoredReply | null;

const keptForMs = 48 * 3_600_000;
const wouldBeRetried = new Set(["dependency_unavailable", "internal", "unauthorized", "forbidden"]);

/**
 * Runs the effect, which keeps its answer in its own transaction. When that fails because the same request was already
 * answered (its key is taken, or its own effect now stands in the way), the kept answer is given again.
 */
export async function answerOnce(
  ports: OncePorts,
  caller: Caller,
  once: Once | null,
  effect: (keep: Keep) => Promise<Reply>,
): Promise<Reply> {
  const keep: Keep = (reply, kept = reply) => (once === null ? null : toStored(once, kept, ports.clock.now()));
  try {
    return await effect(keep);
  } catch (error) {
    if (once === null || !(error instanceof PantheonError) || wouldBeRetried.has(error.code)) throw error;
    const kept = await keptAnswer(ports, caller, once);
    if (kept === null) throw error;
    return kept;
  }
}

/** What the same request was answered when it took effect, if it did. */
export async function keptAnswer(
  { idempotency }: Pick<OncePorts, "idempotency">,
  caller: Caller,
  once: Once,
): Promise<Reply | null> {
  const stored = await idempotency.find(caller, once.key);
  return stored === null ? null : replay(stored, once);
}

function replay(stored: StoredReply, once: Once): Reply {
  if (stored.fingerprint !== once.fingerprint)
    throw new PantheonError("idempotency_conflict", "This Idempotency-Key was used for another request.");
  return { status: stored.status, headers: { ...stored.headers, "Idempotent-Replayed": "true" }, body: stored.body };
}

function toStored({ key, fingerprint }: Once, { status, headers, body }: Reply, now: Date): StoredReply {
  return {
    key,
    fingerprint,
    status,
    headers,
    body: body ?? "",
    expiresAt: new Date(now.getTime() + keptForMs).toISOString(),
  };
}
