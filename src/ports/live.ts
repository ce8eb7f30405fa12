import type { MessageDelta } from "../contract/turn-events.ts";

/** What is said beside the log: that there is something new in it, or a piece of a reply. All of it may be lost. */
export type Signal = { readonly kind: "wake" } | { readonly kind: "delta"; readonly delta: MessageDelta };

export interface Listener {
  /** Whether signals can be hoped for. */
  isOpen(): boolean;
  /** The next signal, or null when none came in time. */
  next(timeoutMs: number): Promise<Signal | null>;
  /** Whoever waits for a signal waits no longer. */
  close(): void;
}

export interface Live {
  /** Never fails and never takes long; answers how many may have heard it. */
  tell(turnId: string, signal: Signal): Promise<number>;
  listen(turnId: string): Listener;
}
