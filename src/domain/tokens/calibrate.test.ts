import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CountObservation, calibrate, toCalibration, toObservation, unknownCalibration } from "./calibrate.ts";
import {
  calibratedPromptTokens,
  calibratedTokens,
  type TokenRatios,
  toTokenRatios,
  unknownRatios,
} from "./calibrate-ratios.ts";
import { noTokens, promptParts, type TokensByPart } from "./estimate.ts";

const truth: TokenRatios = {
  english: 1.02,
  latin: 1.25,
  code: 0.93,
  han: 1.55,
  kana: 1.35,
  hangul: 1.7,
  other: 1.4,
  framing: 1.2,
};
const prompt = (parts: Partial<TokensByPart>): TokensByPart => ({ ...noTokens, framing: 8, ...parts });
const counted = (tokensByPart: TokensByPart, factor = 1): CountObservation => ({
  tokensByPart,
  promptTokens: Math.round(calibratedPromptTokens(tokensByPart, truth) * factor),
});

/** Prompts as conversations have them: mostly of one kind, with some of another. */
const mixed = Array.from({ length: 42 }, (_, index) => {
  const part = promptParts[index % 7] ?? "english";
  const other = promptParts[(index * 3 + 1) % 7] ?? "code";
  const size = 200 + ((index * 37) % 11) * 150;
  return counted(prompt({ [other]: Math.round(size / 5), [part]: size }), 1 + (((index * 29) % 13) - 6) / 200);
});
const english = (factor: number) => counted(prompt({ english: 500 }), factor);
const learnt = (observations: readonly CountObservation[]) => calibrate(unknownCalibration, observations).ratios;

describe("a calibration", () => {
  test("of mixed prompts comes to each class's own ratio", () => {
    const ratios = learnt(mixed);
    for (const part of promptParts) if (part !== "framing") expect(ratios[part] / truth[part]).toBeCloseTo(1, 1);
  });

  test("does not depend much on the order", () => {
    const forwards = learnt(mixed);
    const backwards = learnt(mixed.toReversed());
    for (const part of promptParts) expect(Math.abs(forwards[part] / backwards[part] - 1)).toBeLessThan(0.05);
  });

  test("in two goes is the same as in one", () => {
    const half = calibrate(unknownCalibration, mixed.slice(0, 20));
    const stored = JSON.parse(JSON.stringify(half));
    expect(calibrate(toCalibration(stored.ratios, stored.covariance), mixed.slice(20))).toEqual(
      calibrate(unknownCalibration, mixed),
    );
  });

  test("lets one class teach the others what a model has in common", () => {
    const tokensByPart = prompt({ english: 800 });
    const ratios = learnt(Array.from({ length: 20 }, () => ({ tokensByPart, promptTokens: 1040 })));
    expect(ratios.english).toBeCloseTo(1.3, 1);
    expect(ratios.code).toBeGreaterThan(1.15);
    expect(ratios.code).toBeLessThan(1.3);
  });

  test.each([3.9, 0.3])("hardly moves for one count that is %d times off, and comes back", (factor) => {
    const before = calibrate(
      unknownCalibration,
      Array.from({ length: 20 }, () => english(1)),
    );
    const after = calibrate(before, [english(factor)]);
    expect(Math.abs(after.ratios.english / before.ratios.english - 1)).toBeLessThan(0.05);
    expect(calibrate(after, [english(1), english(1), english(1)]).ratios.english).toBeCloseTo(before.ratios.english, 2);
  });

  test("that begins with a count that is far off recovers", () => {
    const ratios = learnt([english(3.5), ...Array.from({ length: 10 }, () => english(1))]);
    expect(ratios.english / truth.english).toBeCloseTo(1, 1);
  });

  test("follows a model that changes for good", () => {
    const before = calibrate(
      unknownCalibration,
      Array.from({ length: 200 }, () => english(1)),
    );
    const after = calibrate(
      before,
      Array.from({ length: 20 }, () => english(1.5)),
    );
    expect(after.ratios.english / before.ratios.english).toBeCloseTo(1.5, 1);
  });

  test.each([
    ["a short prompt", { tokensByPart: prompt({ english: 20 }), promptTokens: 90 }],
    ["a count that is too small", { tokensByPart: prompt({ english: 500 }), promptTokens: 49 }],
    ["a count beyond four times the estimate", { tokensByPart: prompt({ english: 500 }), promptTokens: 2100 }],
    ["a count under a quarter of the estimate", { tokensByPart: prompt({ english: 500 }), promptTokens: 120 }],
  ])("learns nothing from %s", (_, observation) => {
    expect(calibrate(unknownCalibration, [observation])).toEqual(unknownCalibration);
  });

  test("stays within its bounds and finite, whatever is reported", () => {
    const anyTokens = fc.record(Object.fromEntries(promptParts.map((part) => [part, fc.nat(2_000_000)])));
    const anyObservation = fc.record({ tokens: anyTokens, factor: fc.double({ min: 0, max: 6, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 60 }), (drawn) => {
        const observations = drawn.map(({ tokens, factor }) => {
          const tokensByPart = { ...noTokens, ...tokens };
          return {
            tokensByPart,
            promptTokens: Math.round(calibratedPromptTokens(tokensByPart, unknownRatios) * factor),
          };
        });
        const { ratios, covariance } = calibrate(unknownCalibration, observations);
        for (const part of promptParts) {
          expect(ratios[part]).toBeGreaterThanOrEqual(0.25);
          expect(ratios[part]).toBeLessThanOrEqual(4);
        }
        for (const [index, entry] of covariance.entries()) {
          expect(Number.isFinite(entry)).toBe(true);
          if (index % (promptParts.length + 1) === 0) expect(entry).toBeGreaterThan(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("what was stored", () => {
  test.each([null, undefined, 7, "x", [], {}, { english: "2", code: Number.NaN }])(
    "as %j gives ratios of 1",
    (json) => {
      expect(toTokenRatios(json)).toEqual(unknownRatios);
    },
  );

  test("is bounded and read part by part", () => {
    expect(toTokenRatios({ english: 99, code: 0.01, han: 1.5, made_up: 3 })).toEqual({
      ...unknownRatios,
      english: 4,
      code: 0.25,
      han: 1.5,
    });
  });

  test.each([[[]], [null], [[1, 2]], [Array.from({ length: 64 }, () => "1")]])(
    "with the covariance %j starts anew",
    (covariance) => {
      expect(toCalibration({ english: 2 }, covariance)).toEqual(unknownCalibration);
    },
  );

  test.each([null, undefined, "x", { english: "7" }, { english: -1 }, { english: Number.POSITIVE_INFINITY }])(
    "as the audit %j is no observation",
    (json) => {
      expect(toObservation(json, 100)).toBeNull();
    },
  );

  test("by an audit that lacks parts is read with none of them", () => {
    const observation = toObservation({ english: 7, framing: 8, made_up: "x" }, 100);
    expect(observation).toEqual({ tokensByPart: { ...noTokens, english: 7, framing: 8 }, promptTokens: 100 });
  });
});

describe("calibrated tokens", () => {
  test.each([
    [{ tokens: 100, bytes: 400, scriptClass: "code" }, 93],
    [{ tokens: 101, bytes: 400, scriptClass: "code" }, 94],
    [{ tokens: 100, bytes: 120, scriptClass: "han" }, 120],
    [{ tokens: 100, bytes: 400, scriptClass: "framing" }, 120],
    [{ tokens: 100, bytes: 400, scriptClass: null }, 100],
    [{ tokens: 100, bytes: 400, scriptClass: "of old" }, 100],
    [{ tokens: 1, bytes: 0, scriptClass: "english" }, 1],
  ])("of %j are %d", (measured, tokens) => {
    expect(calibratedTokens(measured, truth)).toBe(tokens);
  });

  test("of an unknown model are the base estimate", () => {
    expect(calibratedTokens({ tokens: 77, bytes: 300, scriptClass: "latin" }, unknownRatios)).toBe(77);
  });
});
