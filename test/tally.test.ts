import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startVitest } from "vitest/node";
import { type Tally, tallyExitCode, tallyLine, tallyRun } from "./tally.ts";

describe("the last line", () => {
  it("counts passed and failed, and skips only when there are some", () => {
    expect(tallyLine({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
    expect(tallyLine({ passed: 12, failed: 1, skipped: 2 })).toBe("12 passed, 1 failed, 2 skipped");
  });

  it.each<[Tally, number]>([
    [{ passed: 0, failed: 0, skipped: 0 }, 1],
    [{ passed: 0, failed: 0, skipped: 3 }, 1],
    [{ passed: 3, failed: 1, skipped: 0 }, 1],
    [{ passed: 3, failed: 0, skipped: 1 }, 0],
  ])("ends %j with %i", (tally, code) => {
    expect(tallyExitCode(tally)).toBe(code);
  });
});

describe("a run", () => {
  const folder = mkdtempSync(join(tmpdir(), "pantheon-tally-"));
  let tally: Tally;

  beforeAll(async () => {
    const exitCode = process.exitCode;
    writeFileSync(join(folder, "mixed.test.ts"), MIXED);
    writeFileSync(join(folder, "broken.test.ts"), 'throw new Error("cannot be read");\n');
    writeFileSync(join(folder, "hook.test.ts"), HOOK);
    const vitest = await startVitest([], { root: folder, config: false, watch: false, globals: true, reporters: [{}] });
    await vitest.close();
    tally = tallyRun(vitest);
    process.exitCode = exitCode;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("counts a file that cannot be read and a suite whose hook broke as failures", () => {
    expect(tally).toEqual({ passed: 1, failed: 3, skipped: 2 });
  });
});

const MIXED = 'test("a", () => {});\ntest("b", () => { throw new Error("no"); });\ntest.skip("c", () => {});\n';
const HOOK = 'describe("s", () => {\n  beforeAll(() => { throw new Error("no"); });\n  test("d", () => {});\n});\n';
