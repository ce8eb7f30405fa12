import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";

const folder = mkdtempSync(join(tmpdir(), "pantheon-guard-"));
const runtime = join(folder, "workerd");
const guard = new URL("../../src/local/worker/guard.ts", import.meta.url).href;

symlinkSync(execFileSync("sh", ["-c", "command -v sleep"], { encoding: "utf8" }).trim(), runtime);
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a runtime under guard, says its number, and does what it is told to. */
async function startProgram(then: string) {
  const code = `
    import { spawn } from "node:child_process";
    import { guardRuntimes } from ${JSON.stringify(guard)};
    const guard = guardRuntimes();
    const child = spawn(${JSON.stringify(runtime)}, ["600"]);
    child.once("spawn", () => setTimeout(async () => { console.log(child.pid); ${then} }, 100));`;
  const program = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(program.stdout, "data");
  return { program, pid: Number(said) };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function ends(pid: number): Promise<void> {
  await eventually(() => expect(isRunning(pid)).toBe(false));
}

it("a runtime ends with the process that started it, even by SIGKILL", async () => {
  const { program, pid } = await startProgram("");
  expect(isRunning(pid)).toBe(true);
  program.kill("SIGKILL");
  await ends(pid);
});

it("a guard that is called off is gone, and leaves its runtime alone", async () => {
  const { program, pid } = await startProgram("await guard.stop(); child.unref(); process.exit();");
  await once(program, "exit");
  await sleep(100);
  expect(isRunning(pid)).toBe(true);
  process.kill(pid, "SIGKILL");
});
