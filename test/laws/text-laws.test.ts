import { describe, expect, it } from "vitest";
import { idleExcuses, longFiles, namedZodImports, timedTests } from "./text-laws.ts";

const fileOf = (lines: number) => ({ path: "src/app/long.ts", text: "x\n".repeat(lines) });

describe("the size law", () => {
  it("lets a file of 200 lines pass", () => {
    expect(longFiles([fileOf(200)], [])).toEqual([]);
  });

  it("refuses a file of 201 lines unless it is excused", () => {
    expect(longFiles([fileOf(201)], [])).toEqual([expect.stringContaining("201 lines")]);
    expect(longFiles([fileOf(201)], ["src/app/long.ts"])).toEqual([]);
  });

  it("refuses a file of 301 lines even when it is excused", () => {
    expect(longFiles([fileOf(301)], ["src/app/long.ts"])).toEqual([expect.stringContaining("301 lines")]);
  });

  it("counts a last line without a line break", () => {
    expect(longFiles([{ path: "src/a.ts", text: `${"x\n".repeat(200)}x` }], [])).toHaveLength(1);
  });

  it("refuses an excuse for a file that is short or gone", () => {
    expect(idleExcuses([fileOf(20)], ["src/app/long.ts", "src/gone.ts"])).toHaveLength(2);
    expect(idleExcuses([fileOf(220)], ["src/app/long.ts"])).toEqual([]);
  });
});

describe("the time law", () => {
  it.each([
    "const begun = performance.now();",
    "const begun = process.cpuUsage();",
    "const begun = process.hrtime.bigint();",
    "await vi.waitFor(() => expect(heard).toBe(1), { timeout: 100 });",
  ])("refuses %j", (line) => {
    expect(timedTests({ path: "test/a.test.ts", text: `${line}\n` })).toHaveLength(1);
  });

  it.each(["await eventually(() => expect(heard).toBe(1));", "const now = Date.now();", "process.cpus();"])(
    "allows %j",
    (line) => {
      expect(timedTests({ path: "test/a.test.ts", text: `${line}\n` })).toEqual([]);
    },
  );
});

describe("the zod law", () => {
  it.each([
    'import { z } from "zod";',
    "import { z } from 'zod';",
    'import z from "zod";',
    'import z, { ZodError } from "zod";',
    'import {\n  z,\n  ZodError,\n} from "zod";',
    'import { z } from "zod/v4";',
    'import * as zod from "zod";',
    'export { z } from "zod";',
  ])("refuses %j", (line) => {
    expect(namedZodImports({ path: "src/a.ts", text: `${line}\n` })).toHaveLength(1);
  });

  it.each([
    'import * as z from "zod";',
    'import type { ZodType } from "zod";',
    'import { zValidator } from "@hono/zod-validator";',
    'import { Hono } from "hono";\nimport * as z from "zod";',
  ])("allows %j", (line) => {
    expect(namedZodImports({ path: "src/a.ts", text: `${line}\n` })).toEqual([]);
  });
});
