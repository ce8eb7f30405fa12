import { ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { basename } from "node:path";

export interface Guard {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

const channel = "child_process";
const hasShell = process.platform !== "win32";
/** A shell reads a pipe that only this process holds open, so the runtime ends however this process does. */
const script = `trap "" INT TERM HUP; read -r line; kill -KILL "$1" 2>/dev/null`;

/** For every workerd that this process starts from now on: Miniflare tells nobody which one it is, and may start another. */
export function guardRuntimes(): Guard {
  const shells = new Set<ChildProcess>();
  const notice = (message: unknown) => {
    const child = childIn(message);
    child?.once("spawn", () => {
      if (basename(child.spawnfile).startsWith("workerd")) guardOne(child, shells);
    });
  };
  if (hasShell) subscribe(channel, notice);
  return {
    async stop() {
      unsubscribe(channel, notice);
      await Promise.all([...shells].map(endShell));
    },
  };
}

function guardOne(runtime: ChildProcess, shells: Set<ChildProcess>): void {
  const shell = spawn("sh", ["-c", script, "pantheon-guard", String(runtime.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.once("exit", () => shells.delete(shell)).once("error", () => shells.delete(shell));
  shells.add(shell);
  shell.unref();
  // Or another process might have its number by then.
  runtime.once("exit", () => void endShell(shell));
}

async function endShell(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  shell.ref();
  await new Promise((resolve) => {
    shell.once("exit", resolve).once("error", resolve);
    shell.kill("SIGKILL");
  });
}

function childIn(message: unknown): ChildProcess | null {
  const isTold = typeof message === "object" && message !== null && "process" in message;
  return isTold && message.process instanceof ChildProcess ? message.process : null;
}
