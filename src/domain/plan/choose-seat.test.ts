import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseSeat } from "./choose-seat.ts";

const limits = { maxAgents: 5, maxPosition: 9 };
const wanted = { agent_key: "critic", model_alias: "m" };
const seats = (takenPositions: readonly number[], takenKeys = takenPositions.map((place) => `k${place}`)) => ({
  takenKeys,
  takenPositions,
  isModelPriced: true,
});

describe("a seat", () => {
  it.each([
    ["the first in an empty room", [], undefined, 0],
    ["after the last", [0, 4], undefined, 5],
    ["the first gap when the last place is taken", [0, 1, 9], undefined, 2],
    ["the one asked for", [0, 1], 7, 7],
  ])("is %s", (_, taken, position, expected) => {
    expect(chooseSeat(seats(taken), { ...wanted, position }, limits)).toEqual({ kind: "free", position: expected });
  });

  it.each([
    ["a taken position", seats([3]), { ...wanted, position: 3 }, "conflict"],
    ["a taken key in another case", seats([0], ["CRITIC"]), wanted, "conflict"],
    ["a full room", seats([0, 1, 2, 3, 4]), wanted, "conflict"],
    ["an unpriced model", { ...seats([]), isModelPriced: false }, wanted, "model_unavailable"],
  ])("is refused: %s", (_, taken, wish, code) => {
    expect(chooseSeat(taken, wish, limits)).toMatchObject({ kind: "refused", code });
  });

  it("is always free and within the limits, or refused", () => {
    const positions = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 7 });
    fc.assert(
      fc.property(positions, fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }), (taken, position) => {
        const seat = chooseSeat(seats(taken), { ...wanted, position }, limits);
        if (seat.kind === "refused") return taken.length >= 5 || (position !== undefined && taken.includes(position));
        return !taken.includes(seat.position) && seat.position >= 0 && seat.position <= 9;
      }),
    );
  });
});
