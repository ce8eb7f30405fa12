import { isMainThread } from "node:worker_threads";

// Child processes and threads of this program copy execArgv; only the program itself has boot.mjs as its parent.
const preload = process.execArgv.indexOf("--import");
if (preload !== -1) process.execArgv.splice(preload, 2);

// The parent names itself where it can: it may be gone by the time this is read.
const parent = Number(new URL(import.meta.url).searchParams.get("parent") ?? process.ppid);

function endWhenOrphaned() {
  if (process.ppid !== parent) process.kill(process.pid, "SIGTERM");
}

if (isMainThread) setInterval(endWhenOrphaned, 500).unref();
