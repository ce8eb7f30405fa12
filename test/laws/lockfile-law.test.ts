import { describe, expect, it } from "vitest";
import { lockfileDrift } from "./lockfile-law.ts";

describe("the lockfile law", () => {
  it("refuses a version that the lockfile does not have", () => {
    expect(lockfileDrift({ dependencies: { hono: "4.1.0" } }, { dependencies: { hono: "4.0.0" } })).toHaveLength(1);
  });

  it("refuses a package that only one of the two names", () => {
    expect(lockfileDrift({ devDependencies: { pg: "8.0.0" } }, {})).toEqual([expect.stringContaining("pg")]);
    expect(lockfileDrift({}, { dependencies: { pg: "8.0.0" } })).toEqual([expect.stringContaining("pg")]);
  });

  it("refuses a range", () => {
    const manifest = { dependencies: { zod: "^4.0.0" } };
    expect(lockfileDrift(manifest, manifest)).toEqual([expect.stringContaining("not an exact version")]);
  });

  it("holds for pinned versions that agree", () => {
    const manifest = { dependencies: { zod: "4.6.7" }, devDependencies: { miniflare: "5.20261102.0-beta" } };
    expect(lockfileDrift(manifest, manifest)).toEqual([]);
  });
});
