import { shouldSweepOn } from "../../domain/turn/sweep-pace.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { StepEngine } from "../../ports/steps.ts";
import { publishOutbox } from "./publish-outbox.ts";

interface SweepPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly queue: Queue;
  readonly steps: Pick<StepEngine, "sweep">;
}

const messagesAtOnce = 200;

/** Below the minute between two runs of the cron. */
export const sweepBudgetMs = 40_000;

/** The backstop: outbox messages that never arrived, and steps whose holder is gone. May run at any moment, twice at once. */
export async function sweep(ports: SweepPorts, budgetMs: number): Promise<void> {
  const startedMs = ports.clock.now().getTime();
  for (let goesOn = true; goesOn; ) {
    const outbox = await ports.steps.sweep(messagesAtOnce);
    if (outbox.length === 0) return;
    const isPublished = await publishOutbox(ports, outbox);
    ports.log.info("swept", { messages: outbox.length, posted: isPublished });
    const elapsedMs = ports.clock.now().getTime() - startedMs;
    goesOn = shouldSweepOn({ messages: outbox.length, most: messagesAtOnce, isPublished, elapsedMs, budgetMs });
  }
}
