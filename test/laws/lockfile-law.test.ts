import { describe, expect, it } from "vitest";
import { disagreements, lockfileDrift } from "./lockfile-law.ts";

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

describe("the law of one version", () => {
  const root = { path: "package.json", devDependencies: { pg: "8.0.0", zod: "4.6.7" } };

  it("refuses two versions of one package", () => {
    const local = { path: "src/local/package.json", dependencies: { pg: "8.1.0" } };
    expect(disagreements([root, local])).toEqual(["pg: package.json has 8.0.0, src/local/package.json 8.1.0"]);
  });

  it("holds where they agree", () => {
    expect(disagreements([root, { path: "src/local/package.json", dependencies: { pg: "8.0.0" } }])).toEqual([]);
  });
});
