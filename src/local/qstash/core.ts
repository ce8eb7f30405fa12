import type { Clock } from "./clock.ts";
import { type CoreState, createCoreState, type QueueCoreOptions, type QueueCounts } from "./core-state.ts";
import { arm, messagePrefix, publish } from "./delivery.ts";
import type { LogEvent } from "./event-log.ts";
import type { Faults } from "./faults.ts";
import type { Gates } from "./gate.ts";
import { Message, type PublishRequest, type PublishResult } from "./message.ts";

export interface QueueStats extends Readonly<QueueCounts> {
  readonly pending: number;
  readonly in_flight: number;
}

export interface QueueCore {
  readonly faults: Faults;
  readonly flows: Gates;
  publish(request: PublishRequest): PublishResult;
  messages(): readonly Message[];
  /** Newest first. */
  events(): readonly LogEvent[];
  stats(): QueueStats;
  /** Nothing waits, nothing is in flight, and no duplicate is still to be sent. */
  isIdle(): boolean;
  /** Resolves when every attempt now in flight, and what its end started at once, has ended. */
  settled(): Promise<void>;
  /** From here on nothing that ends has any effect, as after a kill. */
  freeze(): void;
}

/** The queue without its wire: a state machine over a clock and a way to deliver. */
export function createQueueCore(options: QueueCoreOptions): QueueCore {
  const core = createCoreState(options);
  restore(core);
  return {
    faults: core.faults,
    flows: core.flows,
    publish: (request) => {
      configureFlow(core, request);
      return publish(core, request);
    },
    messages: () => [...core.messages.values()],
    freeze: () => {
      core.isFrozen = true;
    },
    events: () => core.events.list(),
    stats: () => statsOf(core),
    isIdle: () => core.messages.size === 0 && core.inFlight.size === 0 && core.clock.nextAt() === undefined,
    async settled() {
      while (core.inFlight.size > 0) await Promise.all(core.inFlight);
    },
  };
}

/** Runs a core on a manual clock until it owes nothing; false when `maxJumps` did not suffice. */
export async function runUntilIdle(core: QueueCore, clock: Clock, maxJumps = 100_000): Promise<boolean> {
  for (let jump = 0; jump < maxJumps; jump += 1) {
    await core.settled();
    const nextAt = clock.nextAt();
    if (nextAt === undefined) return core.isIdle();
    clock.advance(Math.max(0, nextAt - clock.now()));
  }
  return false;
}

function restore(core: CoreState): void {
  for (const [messageId, stored] of core.journal.entries(messagePrefix, Message)) {
    const message = { ...stored, dueAt: core.clock.fromWall(stored.dueAt) };
    core.messages.set(messageId, message);
    core.nextOrdinal = Math.max(core.nextOrdinal, message.ordinal + 1);
    configureFlow(core, message);
    arm(core, message);
  }
}

function configureFlow(core: CoreState, request: Pick<PublishRequest, "flowControl">): void {
  if (request.flowControl === undefined) return;
  const { key, parallelism, rate, periodMs } = request.flowControl;
  const pinned = core.flows.get(key);
  core.flows.configure(key, {
    ...(pinned?.isParallelismPinned ? {} : { parallelism }),
    ...(pinned?.isRatePinned ? {} : { rate, periodMs }),
  });
}

function statsOf(core: CoreState): QueueStats {
  const now = { pending: core.messages.size, in_flight: core.inFlight.size };
  return { ...core.counts, ...now };
}
