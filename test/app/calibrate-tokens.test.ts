import { describe, expect, it } from "vitest";
import { calibrateTokens } from "../../src/app/engine/calibrate-tokens.ts";
import { toTokenRatios } from "../../src/domain/tokens/calibrate-ratios.ts";
import { noTokens } from "../../src/domain/tokens/estimate.ts";
import type {
  CalibrationChange,
  CalibrationSnapshot,
  CalibrationStore,
  CountedCall,
} from "../../src/ports/calibrations.ts";

const idOf = (index: number) => `0190a000-0000-7000-8000-${String(index).padStart(12, "0")}`;

function callOf(index: number, model: string, ratio: number): CountedCall {
  const tokensByPart = { ...noTokens, english: 1000, framing: 8 };
  const at = new Date(Date.UTC(2026, 10, 1, 0, 0, index)).toISOString();
  const prompt_tokens = Math.round(1000 * ratio) + 8;
  return { id: idOf(index), at, provider_model: model, prompt_tokens, tokens_by_part: tokensByPart };
}

/** Keeps what is written as the database would, and begins where the latest of it ends. */
function openStore(calls: readonly CountedCall[]) {
  const kept = new Map<string, CalibrationChange>();
  const store: CalibrationStore = {
    async read(limit) {
      const from = [...kept.values()].reduce(
        (latest, { observed_id }) => (observed_id > latest ? observed_id : latest),
        "",
      );
      const unlearnt = calls.filter(({ id }) => id > from).slice(0, limit);
      return { calls: unlearnt, calibrations: [...kept.values()] };
    },
    async write(changes) {
      for (const change of changes) kept.set(change.provider_model, change);
      return changes.length;
    },
  };
  return { store, ratioOf: (model: string) => toTokenRatios(kept.get(model)?.ratios).english, kept };
}

function openLog() {
  const events: string[] = [];
  const tell = (event: string) => void events.push(event);
  return { log: { info: tell, warn: tell, error: tell }, events };
}

describe("calibrating", () => {
  it("learns each model's ratio, run by run, and each call once", async () => {
    const calls = Array.from({ length: 500 }, (_, index) =>
      callOf(index, index % 2 === 0 ? "a" : "b", index % 2 === 0 ? 1.3 : 0.8),
    );
    const { store, ratioOf, kept } = openStore(calls);
    const { log, events } = openLog();
    for (let run = 0; run < 5; run++) await calibrateTokens({ calibrations: store, log });
    expect(ratioOf("a")).toBeCloseTo(1.3, 2);
    expect(ratioOf("b")).toBeCloseTo(0.8, 2);
    expect(events).toEqual(["tokens_calibrated", "tokens_calibrated", "tokens_calibrated"]);
    expect(kept.get("a")?.observed_id).toBe(idOf(499));
  });

  it("passes calls over that teach nothing, and moves on", async () => {
    const mute = [null, "x", { english: "1" }].map((tokens_by_part, index) => ({
      ...callOf(index, "a", 3),
      tokens_by_part,
    }));
    const { store, ratioOf, kept } = openStore(mute);
    await calibrateTokens({ calibrations: store, log: openLog().log });
    expect(ratioOf("a")).toBe(1);
    expect(kept.get("a")).toMatchObject({ observed_id: idOf(2), observed_id_before: null });
    expect((await store.read(200)).calls).toEqual([]);
  });

  it("names what it read, so that a run that was overtaken changes nothing", async () => {
    const input: CalibrationSnapshot = {
      calls: [callOf(7, "a", 1)],
      calibrations: [{ provider_model: "a", ratios: {}, covariance: null, observed_id: idOf(3) }],
    };
    const written: CalibrationChange[] = [];
    const store: CalibrationStore = {
      read: async () => input,
      write: async (changes) => written.push(...changes),
    };
    await calibrateTokens({ calibrations: store, log: openLog().log });
    expect(written).toMatchObject([{ provider_model: "a", observed_id: idOf(7), observed_id_before: idOf(3) }]);
  });

  it("writes nothing when nobody called", async () => {
    const { store } = openStore([]);
    const { log, events } = openLog();
    await calibrateTokens({ calibrations: { ...store, write: () => Promise.reject(new Error("written")) }, log });
    expect(events).toEqual([]);
  });

  it("tells of a failure, and fails no one", async () => {
    const { log, events } = openLog();
    const broken: CalibrationStore = { read: () => Promise.reject(new Error("down")), write: async () => 0 };
    await calibrateTokens({ calibrations: broken, log });
    expect(events).toEqual(["calibration_failed"]);
  });
});
