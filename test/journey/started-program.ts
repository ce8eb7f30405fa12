import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** Resolves with all that was printed so far once it has this in it; rejects when the program ends before. */
  printed(text: string): Promise<string>;
  ended: Promise<Ended>;
  /** To the program alone, as `kill` does. */
  signal(signal: NodeJS.Signals): void;
  /** To the whole group, as Ctrl-C does. */
  signalGroup(signal: NodeJS.Signals): void;
  /** What of its group still runs. */
  processes(): readonly string[];
  /** The one of them whose command line has this in it. */
  processWith(text: string): number;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const boot = fileURLToPath(new URL("../../src/local/boot.mjs", import.meta.url));

type Variables = Readonly<Record<string, string | undefined>>;

/** What npm runs for a script, as the leader of a process group of its own. */
export function startProgram(command: string, variables: Variables): Program {
  return startGroup([process.execPath, boot, command], variables);
}

/** The script as a shell starts it, npm and all; npm leads the group. */
export function startByNpm(script: string, variables: Variables): Program {
  return startGroup(["npm", "run", "--silent", script], { npm_config_update_notifier: "false", ...variables });
}

function startGroup([program = "", ...args]: readonly string[], variables: Variables): Program {
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LOCAL_POSTGRES_URL: undefined, ...variables },
  });
  const output = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...output })));
  const group = child.pid ?? Number.NaN;
  return {
    ended,
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => void signalGroup(group, signal),
    processes: () => processesOf(group),
    processWith: (text) =>
      Number(
        processesOf(group)
          .find((line) => line.includes(text))
          ?.split(/\s+/)[0],
      ),
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => output.stdout.includes(text) && resolve(output.stdout);
        waiting.add(look);
        look();
        ended.then(({ code, stderr }) => reject(new Error(`it ended with ${code} and never said it: ${stderr}`)));
      }),
  };
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** A zombie has ended; in a container nobody may have collected it. */
function processesOf(group: number): readonly string[] {
  const lines = execFileSync("ps", ["-eo", "pid=,pgid=,stat=,args="], { encoding: "utf8" }).split("\n");
  return lines
    .map((line) => line.trim())
    .filter((line) => {
      const [, pgid, stat = ""] = line.split(/\s+/);
      return Number(pgid) === group && !stat.startsWith("Z");
    });
}
