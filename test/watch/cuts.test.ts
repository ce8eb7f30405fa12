import { expect, it } from "vitest";
import { useBench } from "../engine/engine-kit.ts";
import { playCuts } from "./cuts.ts";
import { groundOfBench } from "./ground.ts";

const bench = useBench();
const cuts = 150;

it("loses and doubles nothing for a client whose stream breaks anywhere, with Redis coming and going", async () => {
  const report = await playCuts(groundOfBench(bench()), { seed: "in-the-suite", cuts });
  expect(report).toMatchObject({ lost: 0, doubled: 0, wrong: 0 });
  expect(report.cuts).toBeGreaterThanOrEqual(cuts);
  expect(report.flaps).toBeGreaterThan(0);
  expect(report.deltas).toBeGreaterThan(0);
});
