import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Miniflare, type MiniflareOptions, NoOpLog } from "miniflare";
import { bundleWorker, type WorkerBundle } from "../../src/local/worker/bundle.ts";

const runs = 5;

/** The least of some runs: a busy machine adds to a run, and never takes from it. Null where the system does not tell. */
export async function minStartupMs(): Promise<number | null> {
  if (!existsSync("/proc/self/schedstat")) return null;
  const bundle = await bundleWorker();
  const times: number[] = [];
  while (times.length < runs) times.push(await measureStartup(bundle));
  return Math.min(...times);
}

/**
 * Milliseconds that evaluating the Worker's modules keeps a fresh workerd's isolate on the processor. As in `wrangler
 * check startup` a module around the Worker imports it on a request; time is read from outside, because a Worker's own
 * clock stands still while it runs, and as time on the processor, because other processes lengthen any other.
 */
async function measureStartup(bundle: WorkerBundle): Promise<number> {
  const workerdsBefore = new Set(ownWorkerds());
  const runtime = new Miniflare(wrapped(bundle));
  try {
    await runtime.ready;
    await (await runtime.dispatchFetch("http://worker/warm-up")).text();
    const pid = ownWorkerds().find((each) => !workerdsBefore.has(each));
    if (pid === undefined) throw new Error("workerd was not found among this process's children");
    const before = processorMsByThread(pid);
    const answer = await (await runtime.dispatchFetch("http://worker/import")).text();
    if (answer !== "imported") throw new Error(`the Worker was not evaluated: ${answer}`);
    const deltas = [...processorMsByThread(pid)].map(([thread, ms]) => ms - (before.get(thread) ?? 0));
    return Math.max(...deltas);
  } finally {
    await runtime.dispose();
  }
}

function wrapped({ mainModule, modules, compatibilityDate, compatibilityFlags }: WorkerBundle): MiniflareOptions {
  const wrapper = `export default { async fetch(request) {
    if (new URL(request.url).pathname !== "/import") return new Response("warm");
    const { default: worker } = await import("./${mainModule}");
    return new Response(typeof worker.fetch === "function" ? "imported" : "no worker");
  } }`;
  const scripts = modules.filter(({ mediaType }) => mediaType === "application/javascript+module");
  const entries = scripts.map(({ name, contents }) => [name, { type: "esm" as const, contents }] as const);
  return {
    cf: false,
    log: new NoOpLog(),
    logRequests: false,
    enableDevRegistry: false,
    handleStructuredLogs: () => undefined,
    workers: [
      {
        config: {
          name: "startup",
          compatibilityDate,
          compatibilityFlags: [...compatibilityFlags],
          manifest: {
            mainModule: "startup.js",
            modules: { "startup.js": { type: "esm", contents: wrapper }, ...Object.fromEntries(entries) },
          },
        },
      },
    ],
  };
}

function ownWorkerds(): readonly string[] {
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isOwnWorkerd(pid));
}

function isOwnWorkerd(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return new RegExp(`\\(workerd\\) \\w ${process.pid} `).test(stat);
  } catch {
    return false;
  }
}

function processorMsByThread(pid: string): ReadonlyMap<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`);
  return new Map(threads.map((thread) => [thread, readProcessorMs(`/proc/${pid}/task/${thread}/schedstat`)]));
}

/** The first number is nanoseconds on the processor. */
function readProcessorMs(path: string): number {
  return Number(readFileSync(path, "utf8").split(" ")[0]) / 1_000_000;
}
