import type { LiveSignal } from "../contract/turn-events.ts";

export interface Listener {
  /** Whether signals can be hoped for. */
  isOpen(): boolean;
  /** The next signal, or null when none came in time, or none can be hoped for any more. */
  next(timeoutMs: number): Promise<LiveSignal | null>;
  /** Whoever waits for a signal waits no longer. */
  close(): void;
}

export interface Live {
  /** Never fails and never takes long; answers how many heard it, or null where nobody knows. */
  tell(turnId: string, signal: LiveSignal): Promise<number | null>;
  listen(turnId: string): Listener;
}
