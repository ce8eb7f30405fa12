import { isMainThread } from "node:worker_threads";

// Child processes and threads of this program copy execArgv; only the program itself has boot.mjs as its parent.
const preload = process.execArgv.indexOf("--import");
if (preload !== -1) process.execArgv.splice(preload, 2);

const parentAtStart = process.ppid;

function endWhenOrphaned() {
  if (process.ppid !== parentAtStart) process.kill(process.pid, "SIGTERM");
}

if (isMainThread) setInterval(endWhenOrphaned, 500).unref();
