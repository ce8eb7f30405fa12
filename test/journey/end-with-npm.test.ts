import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { findFreePort, isFree } from "../support/free-port.ts";
import { startByNpm } from "./started-program.ts";
import { welcomeEnd } from "./welcome-text.ts";

const folder = mkdtempSync(join(tmpdir(), "pantheon-end-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function npmStart(dataFolder: string) {
  const port = await findFreePort();
  const program = startByNpm("start", { PORT: String(port), PANTHEON_DATA: join(folder, dataFolder) });
  onTestFinished(() => program.signalGroup("SIGKILL"));
  return { port, program };
}

/** No bound of its own: what never ends is told by the test's. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe("npm start leaves no process and its port free", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)("when %s ends npm", async (signal) => {
    const { port, program } = await npmStart("data");
    await program.printed(welcomeEnd);
    expect(program.processes().join("\n")).toContain("workerd");
    expect(await isFree(port)).toBe(false);
    program.signal(signal);
    await until(() => program.processes().length === 0);
    await until(() => isFree(port));
  });

  it("when SIGKILL ends what npm runs, before it is ready", async () => {
    const { program } = await npmStart("early");
    await until(() => program.processWith("src/local/start.ts") > 0);
    process.kill(program.processWith("boot.mjs start"), "SIGKILL");
    await until(() => program.processes().length === 0);
  });
});
