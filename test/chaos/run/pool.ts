import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Played } from "../simulation/play.ts";

export interface PoolOptions {
  readonly workers: number;
  readonly seed: string;
  readonly numbers: readonly number[];
  readonly onPlayed: (number: number, played: Played) => void;
}

type Reply = { readonly kind: "ready" } | { readonly kind: "played"; readonly result: Played };

const runPath = fileURLToPath(new URL("../run.ts", import.meta.url));

export const poolWorkerFlag = "--as-pool-worker";

/** Plays every schedule in child processes, each with its own PGlite; which child plays one makes no difference to it. */
export async function playInPool({ workers, seed, numbers, onPlayed }: PoolOptions): Promise<void> {
  const waiting = [...numbers];
  const count = Math.min(workers, waiting.length);
  await Promise.all(Array.from({ length: count }, () => runWorker({ seed, waiting, onPlayed })));
}

interface Work extends Pick<PoolOptions, "seed" | "onPlayed"> {
  readonly waiting: number[];
}

function runWorker({ seed, waiting, onPlayed }: Work): Promise<void> {
  const child = fork(runPath, [poolWorkerFlag]);
  return new Promise((resolve, reject) => {
    let current = 0;
    child.once("error", reject);
    child.once("exit", (code) =>
      waiting.length === 0 && code === null ? resolve() : reject(endedEarly(current, code)),
    );
    child.on("message", (message) => {
      const reply = asReply(message);
      if (reply.kind === "played") onPlayed(current, reply.result);
      const next = waiting.shift();
      if (next === undefined) return end(child);
      current = next;
      child.send(`${seed}/${next}`);
    });
  });
}

// Safe: only our own worker is at the other end of this channel.
function asReply(message: unknown): Reply {
  return message as Reply;
}

function end(child: ChildProcess): void {
  child.kill("SIGKILL");
}

function endedEarly(schedule: number, code: number | null): Error {
  return new Error(`the worker that played schedule ${schedule} ended with ${code}`);
}
