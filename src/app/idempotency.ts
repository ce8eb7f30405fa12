import { PantheonError } from "../contract/errors.ts";
import type { Caller } from "../ports/caller.ts";
import type { Clock } from "../ports/clock.ts";
import type {
  IdempotencyKey,
  IdempotencyStore,
  Operation,
  ResultByOperation,
  StoredResult,
} from "../ports/idempotency.ts";

export interface IdempotencyPorts {
  readonly idempotency: Pick<IdempotencyStore, "find">;
  readonly clock: Clock;
}

/** What an operation made, now or when the same request came first. */
export interface Made<T> {
  readonly value: T;
  readonly isReplayed: boolean;
}

export interface IdempotentRequest<O extends Operation> {
  readonly operation: O;
  /** Null where the client named none: then nothing is stored. */
  readonly key: IdempotencyKey | null;
}

/** Makes the row that the effect writes in its own transaction. */
export type ToStored<O extends Operation> = (value: ResultByOperation[O]) => StoredResult | null;

const storedForMs = 48 * 3_600_000;
/** A client that meets one of these asks again: they say nothing of the effect. */
const retriedCodes = new Set(["dependency_unavailable", "internal", "unauthorized", "forbidden"]);

export function made<T>(value: T): Made<T> {
  return { value, isReplayed: false };
}

/**
 * Runs the effect, which stores its result in its own transaction. When that fails because the same request already took
 * effect (its key is taken, or its own effect now stands in the way), the stored result is handed out again.
 */
export async function withIdempotency<O extends Operation, R>(
  ports: IdempotencyPorts,
  caller: Caller,
  { operation, key }: IdempotentRequest<O>,
  effect: (toStored: ToStored<O>) => Promise<R>,
): Promise<R | Made<ResultByOperation[O]>> {
  const expiresAt = () => new Date(ports.clock.now().getTime() + storedForMs).toISOString();
  try {
    return await effect((value) => (key === null ? null : { ...key, operation, value, expiresAt: expiresAt() }));
  } catch (error) {
    if (!(error instanceof PantheonError) || retriedCodes.has(error.code)) throw error;
    const stored = await findStored(ports, caller, { operation, key });
    if (stored === null) throw error;
    return stored;
  }
}

/** What the same request made when it took effect, if it did. */
export async function findStored<O extends Operation>(
  { idempotency }: Pick<IdempotencyPorts, "idempotency">,
  caller: Caller,
  { operation, key }: IdempotentRequest<O>,
): Promise<Made<ResultByOperation[O]> | null> {
  const stored = key === null ? null : await idempotency.find(caller, key.key);
  if (stored === null) return null;
  if (stored.fingerprint !== key?.fingerprint || stored.operation !== operation)
    throw new PantheonError("idempotency_conflict", "This Idempotency-Key was used for another request.");
  return { value: readValue(stored), isReplayed: true };
}

/** Only the operation itself writes a value under its name. */
function readValue<O extends Operation>(stored: StoredResult): ResultByOperation[O] {
  return stored.value as ResultByOperation[O];
}
