import type { Caller } from "./caller.ts";

/** An answer as it is kept for replays, written in the transaction of its effect. */
export interface StoredReply {
  readonly key: string;
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expiresAt: string;
}

export interface IdempotencyStore {
  find(caller: Caller, key: string): Promise<StoredReply | null>;
}
