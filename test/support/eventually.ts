import { vi } from "vitest";

/** Far beyond what a slow machine needs: only what never comes gets there, and says what it lacked. */
const patience = { timeout: 300_000, interval: 10 } as const;

/** Looks again until nothing is thrown. */
export function eventually<Seen>(look: () => Seen | Promise<Seen>): Promise<Seen> {
  return vi.waitFor(look, patience);
}
