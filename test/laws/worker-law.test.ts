import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bundleWorker } from "../../src/local/worker/bundle.ts";
import { root, withCopy } from "./tree.ts";
import { missingFlags } from "./worker-law.ts";

const flag = "global_fetch_strictly_public";

describe("the Worker's flags", () => {
  it("are all there", () => {
    expect(missingFlags(root)).toEqual([]);
  });

  it("are those of the Worker that starts on a laptop", async () => {
    expect((await bundleWorker()).compatibilityFlags).toContain(flag);
  });

  it.each<[string, (text: string) => string, number]>([
    ["taken from the file", (text) => text.replace(`, "${flag}"`, ""), 3],
    [
      "taken from production alone",
      (text) => text.replace("[env.production]", `$&\ncompatibility_flags = ["nodejs_compat"]`),
      1,
    ],
  ])("are missed when one is %s", (_, change, count) =>
    withCopy(["wrangler.toml"], async (folder) => {
      const path = join(folder, "wrangler.toml");
      writeFileSync(path, change(readFileSync(path, "utf8")));
      expect(missingFlags(folder).filter((finding) => finding.includes(flag))).toHaveLength(count);
    }),
  );
});
