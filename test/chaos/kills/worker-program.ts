import * as z from "zod";
import { startWorker } from "../../../src/local/worker.ts";

/** The Worker in a process of its own, with its cron, until it is killed. */
const Start = z.object({ port: z.int(), variables: z.record(z.string(), z.string()), cronEveryMs: z.int() });

export async function runWorkerProgram(text: string): Promise<void> {
  const { port, variables, cronEveryMs } = Start.parse(JSON.parse(text));
  const worker = await startWorker({ port, variables });
  setInterval(() => void worker.dispatchScheduled().catch(() => undefined), cronEveryMs);
  process.on("disconnect", () => process.exit(1));
  process.send?.("ready");
}
