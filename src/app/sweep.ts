import type { Log } from "../ports/log.ts";
import type { Queue } from "../ports/queue.ts";
import type { StepStore } from "../ports/steps.ts";
import { postLetters } from "./post-letters.ts";

interface SweepPorts {
  readonly log: Log;
  readonly queue: Queue;
  readonly steps: Pick<StepStore, "sweep">;
}

const lettersAtOnce = 200;

/** The backstop: letters that never arrived, and steps whose holder is gone. May run at any moment, twice at once. */
export async function sweep(ports: SweepPorts): Promise<void> {
  const letters = await ports.steps.sweep(lettersAtOnce);
  if (letters.length === 0) return;
  const isPosted = await postLetters(ports, letters);
  ports.log.info("swept", { letters: letters.length, posted: isPosted });
}
