import { Miniflare, type MiniflareOptions, NoOpLog } from "miniflare";
import { bundleWorker, type WorkerBundle, type WorkerModule } from "./worker/bundle.ts";
import { guardRuntimes } from "./worker/guard.ts";

export interface WorkerOptions {
  readonly port: number;
  readonly variables: Readonly<Record<string, string>>;
  /** Each line the Worker logs. */
  readonly onLog?: (line: WorkerLogLine) => void;
}

export interface WorkerLogLine {
  readonly level: string;
  readonly message: string;
}

export interface LocalWorker {
  readonly url: string;
  /** Runs the cron once and says how it went: `ok` or `exception`. */
  dispatchScheduled(): Promise<string>;
  stop(): Promise<void>;
}

const cron = "* * * * *";

/** The deployed Worker, in the runtime it is deployed to. */
export async function startWorker(options: WorkerOptions): Promise<LocalWorker> {
  const bundle = await bundleWorker();
  const guard = guardRuntimes();
  const runtime = new Miniflare(runtimeOptions(bundle, options));
  const stop = async () => {
    await runtime.dispose();
    await guard.stop();
  };
  try {
    await runtime.ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${options.port}`,
    dispatchScheduled: async () => (await (await scheduledDoor(runtime)).scheduled({ cron })).outcome,
    stop,
  };
}

function runtimeOptions(bundle: WorkerBundle, { port, variables, onLog }: WorkerOptions): MiniflareOptions {
  return {
    host: "127.0.0.1",
    port,
    // Or the first start asks Cloudflare where this machine is, and waits for it without a network.
    cf: false,
    log: new NoOpLog(),
    logRequests: false,
    enableDevRegistry: false,
    handleStructuredLogs: (line) => onLog?.(line),
    workers: [
      {
        config: {
          name: "pantheon",
          compatibilityDate: bundle.compatibilityDate,
          compatibilityFlags: [...bundle.compatibilityFlags],
          manifest: { mainModule: bundle.mainModule, modules: Object.fromEntries(bundle.modules.map(toManifestEntry)) },
          env: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { type: "text", value }])),
        },
      },
    ],
  };
}

interface ScheduledDoor {
  scheduled(options: { readonly cron: string }): Promise<{ readonly outcome: string }>;
}

// Miniflare answers with a Fetcher that has `scheduled`; its release types turn it into a Request by mistake.
async function scheduledDoor(runtime: Miniflare): Promise<ScheduledDoor> {
  return (await runtime.getWorker()) as unknown as ScheduledDoor;
}

type ModuleType = "esm" | "sourcemap" | "wasm" | "text" | "data";

const typeByMediaType: Readonly<Record<string, ModuleType>> = {
  "application/javascript+module": "esm",
  "application/source-map": "sourcemap",
  "application/wasm": "wasm",
  "text/plain": "text",
};

function toManifestEntry({ name, mediaType, contents }: WorkerModule) {
  return [name, { type: typeByMediaType[mediaType] ?? "data", contents }] as const;
}
