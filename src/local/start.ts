import { join } from "node:path";
import { prepareFolder, reasonOf } from "./cloud/data-folder.ts";
import { type Cloud, type CloudOptions, startCloud } from "./cloud.ts";
import { lockFolder } from "./postgres/folder-lock.ts";
import { complaintAbout } from "./start/complaint.ts";
import { seedDemo } from "./start/demo.ts";
import { checkPortIsFree } from "./start/port.ts";
import { readSettings, type StartSettings } from "./start/settings.ts";
import { createShutdown, type Shutdown } from "./start/shutdown.ts";
import { welcome } from "./start/welcome.ts";
import { checkWorkerVariables, readWorkerVariables } from "./start/worker-variables.ts";
import { bundleWorker } from "./worker/bundle.ts";
import { type LocalWorker, startWorker, type WorkerLogLine } from "./worker.ts";

// Cloudflare's cron has a floor of one minute, which is long to wait for at a desk.
const cronEveryMs = 10_000;
// Who tries things out at a desk sends one turn after the other.
const atADesk = { TURN_RATE_PER_MINUTE: "60", TURN_RATE_PER_HOUR: "1000" };

const shutdown = createShutdown();
shutdown.takeSignals();
let dataFolder = "";
try {
  const settings = readSettings(process.env);
  dataFolder = settings.dataFolder;
  console.log(await start(settings, shutdown));
} catch (error) {
  console.error(complaintAbout(error, dataFolder) ?? error);
  await shutdown.end(1);
}

async function start(settings: StartSettings, { add, takeSignals }: Shutdown): Promise<string> {
  const { port, dataFolder, databaseUrl, msPerChunk } = settings;
  const wanted: Readonly<Record<string, string>> = { ...atADesk, ...readWorkerVariables(process.env) };
  prepareFolder(dataFolder);
  add(lockFolder(join(dataFolder, "start")));
  await checkPortIsFree(port);
  const url = `http://127.0.0.1:${port}`;
  const cloud = await openCloud({ dataFolder, databaseUrl, msPerChunk, publicBaseUrl: url, variables: wanted });
  add(cloud.stop);
  const { variables } = cloud;
  checkWorkerVariables(variables);
  const worker = await startWorker({ port, variables, onLog: showTrouble });
  add(worker.stop);
  takeSignals();
  const supabase = { supabaseUrl: cloud.standIns.supabase.url, supabaseAnonKey: cloud.keys.supabaseAnonKey };
  const demo = await seedDemo({ dataFolder, baseUrl: url, ...supabase });
  add(runCron(worker));
  return welcome({
    url,
    dataFolder,
    ...supabase,
    models: wanted.OPENROUTER_BASE_URL,
    demo,
    readyInMs: performance.now(),
  });
}

/** The bundle is built beside the cloud; the Worker then finds it in its cache. Neither outlives the other's failure. */
async function openCloud(options: CloudOptions): Promise<Cloud> {
  const [cloud, bundle] = await Promise.allSettled([startCloud(options), bundleWorker()]);
  if (cloud.status === "rejected") throw cloud.reason;
  if (bundle.status === "fulfilled") return cloud.value;
  await cloud.value.stop();
  throw bundle.reason;
}

function showTrouble({ level, message }: WorkerLogLine): void {
  if (level === "warn" || level === "error") console.error(message);
}

function runCron(worker: LocalWorker): () => void {
  let isStopped = false;
  const complain = (error: unknown) => isStopped || console.error("The cron did not run:", reasonOf(error));
  const timer = setInterval(() => worker.dispatchScheduled().catch(complain), cronEveryMs);
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
