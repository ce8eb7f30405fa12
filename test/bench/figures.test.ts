import { expect, it } from "vitest";
import { percentile, rounded } from "./figures.ts";

it.each([
  [[], 0.5, 0],
  [[7], 0.95, 7],
  [[4, 1, 3, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.95, 4],
  [[4, 1, 3, 2], 0, 1],
])("of %j the share %d lies below %d", (values, share, value) => {
  expect(percentile(values, share)).toBe(value);
});

it("rounds to two decimals", () => {
  expect(rounded(2.00499)).toBe(2);
});
