import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TappedCloud } from "./tapped-cloud.ts";

export interface WorkerProcess {
  /** SIGKILL to the process and to workerd with it; resolves when they are gone. */
  kill(): Promise<void>;
}

const runPath = fileURLToPath(new URL("../run.ts", import.meta.url));
const cronEveryMs = 1_000;

export const workerProgramFlag = "--as-worker-program";

/** The leader of a process group of its own, so that one signal takes workerd too. */
export async function startWorkerProcess({ port, variables }: TappedCloud): Promise<WorkerProcess> {
  const child = fork(runPath, [workerProgramFlag, JSON.stringify({ port, variables, cronEveryMs })], {
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the Worker's process ended with ${code} before it was ready`)));
  });
  return { kill: () => killGroup(child) };
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-child.pid, "SIGKILL");
  await gone;
}
