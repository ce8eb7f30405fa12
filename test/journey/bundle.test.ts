import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleWorker, type WorkerBundle } from "../../src/local/worker/bundle.ts";

const ceilingKilobytes = 750;

describe("the Worker that is uploaded", () => {
  let bundle: WorkerBundle;

  beforeAll(async () => {
    bundle = await bundleWorker();
  });

  it(`is at most ${ceilingKilobytes} KB, gzipped`, () => {
    const uploaded = bundle.modules.filter(({ mediaType }) => mediaType !== "application/source-map");
    const bytes = Buffer.concat(uploaded.map(({ contents }) => contents));
    const kilobytes = gzipSync(bytes).byteLength / 1024;
    console.log(`Worker bundle: ${kilobytes.toFixed(1)} KB gzipped, ${(bytes.length / 1024).toFixed(1)} KB as it is`);
    expect(bytes.length).toBeGreaterThan(0);
    expect(kilobytes).toBeLessThanOrEqual(ceilingKilobytes);
  });
});
