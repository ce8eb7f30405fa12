import * as z from "zod";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { Journal } from "./journal.ts";

export interface Deduplicator {
  /** The message already accepted under this id inside the window, if any. */
  find(id: string): string | undefined;
  remember(id: string, messageId: string): void;
}

const windowMsByName = { "10m": 10 * 60_000, "90d": 90 * 86_400_000 } as const;
const journalPrefix = "dedup:";
const Remembered = z.object({ messageId: z.string(), at: z.number() });

export function createDeduplicator(clock: Clock, faults: Faults, journal: Journal): Deduplicator {
  const rememberedById = new Map(
    journal
      .entries(journalPrefix, Remembered)
      .map(([id, { messageId, at }]) => [id, { messageId, at: clock.fromWall(at) }]),
  );
  return {
    find(id) {
      const remembered = rememberedById.get(id);
      if (remembered === undefined) return undefined;
      const age = clock.now() - remembered.at;
      return age < windowMsByName[faults.current().dedup_window] ? remembered.messageId : undefined;
    },
    remember(id, messageId) {
      rememberedById.set(id, { messageId, at: clock.now() });
      journal.put(`${journalPrefix}${id}`, { messageId, at: clock.wall() });
    },
  };
}
