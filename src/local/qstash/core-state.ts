import type { Clock } from "./clock.ts";
import { createDeduplicator, type Deduplicator } from "./dedup.ts";
import { createEventLog, type EventLog } from "./event-log.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createGates, type Gates } from "./gate.ts";
import { createMemoryJournal, type Journal } from "./journal.ts";
import type { Answer, Message } from "./message.ts";

export interface Attempt {
  readonly message: Message;
  /** A second sending that the queue itself forgets about. */
  readonly isDuplicate: boolean;
}

/** Sends one attempt; a rejection counts as a failure to connect. */
export type Deliver = (attempt: Attempt) => Promise<Answer>;

export interface QueueCoreOptions {
  readonly clock: Clock;
  readonly deliver: Deliver;
  readonly faults?: Faults;
  readonly journal?: Journal;
  readonly newId?: () => string;
}

export interface QueueCounts {
  published: number;
  deduplicated: number;
  attempts: number;
  delivered: number;
  retried: number;
  dead: number;
  dropped: number;
  duplicated: number;
}

export interface CoreState extends Required<QueueCoreOptions> {
  readonly messages: Map<string, Message>;
  readonly inFlight: Set<Promise<void>>;
  readonly events: EventLog;
  readonly dedup: Deduplicator;
  readonly flows: Gates;
  readonly counts: QueueCounts;
  nextOrdinal: number;
  isFrozen: boolean;
}

export function createCoreState(options: QueueCoreOptions): CoreState {
  const { clock, deliver } = options;
  const faults = options.faults ?? createFaults();
  const journal = options.journal ?? createMemoryJournal();
  return {
    clock,
    deliver,
    faults,
    journal,
    newId: options.newId ?? countingIds(),
    messages: new Map(),
    inFlight: new Set(),
    events: createEventLog(),
    dedup: createDeduplicator(clock, faults, journal),
    flows: createGates(clock),
    counts: noCounts(),
    nextOrdinal: 0,
    isFrozen: false,
  };
}

function countingIds(): Required<QueueCoreOptions>["newId"] {
  let count = 0;
  return () => {
    count += 1;
    return `msg_${String(count).padStart(8, "0")}`;
  };
}

function noCounts(): QueueCounts {
  const handled = { delivered: 0, retried: 0, dead: 0, dropped: 0, duplicated: 0 };
  return { published: 0, deduplicated: 0, attempts: 0, ...handled };
}
