import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calculate } from "./calculate.ts";

describe("a calculation", () => {
  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 4 - 3", 3],
    ["100 / 10 / 2", 5],
    ["17 % 5 * 2", 4],
    ["2^3^2", 512],
    ["-2^2", -4],
    ["(-2)^2", 4],
    ["2^-1", 0.5],
    ["--3", 3],
    ["3 - -3", 6],
    ["0.1 + 0.2", 0.3],
    [".5 * 4", 2],
    ["sqrt(16) + abs(-3)", 7],
    ["min(4, 2, 9) + max(1, (2 + 3))", 7],
    ["round(2.5) + floor(2.9) + ceil(2.1)", 8],
    ["sqrt(sqrt(81))", 3],
    ["0 * -1", 0],
    ["  7  ", 7],
  ])("of %s is %d", (expression, value) => {
    expect(calculate(expression)).toEqual({ kind: "number", value });
  });

  test("agrees with the language's own arithmetic", () => {
    const number = fc.integer({ min: 0, max: 1_000 }).map((value) => ({ text: String(value), value }));
    const { sum } = fc.letrec<{ sum: { text: string; value: number } }>((tie) => ({
      sum: fc.oneof(
        { maxDepth: 5 },
        number,
        fc.tuple(tie("sum"), fc.constantFrom("+", "-", "*"), tie("sum")).map(([left, operator, right]) => ({
          text: `(${left.text} ${operator} ${right.text})`,
          value:
            operator === "+"
              ? left.value + right.value
              : operator === "-"
                ? left.value - right.value
                : left.value * right.value,
        })),
      ),
    }));
    fc.assert(
      fc.property(sum, ({ text, value }) => {
        fc.pre(text.length <= 500);
        expect(calculate(text)).toEqual({ kind: "number", value: Number(value.toPrecision(15)) + 0 });
      }),
      { numRuns: 200 },
    );
  });
});

describe("a calculation is refused", () => {
  test.each([
    ["", "is empty"],
    ["   ", "is empty"],
    ["1 +", "has the end where a number should be"],
    ["* 2", 'has "*" where a number should be'],
    ["+1", 'has "+" where a number should be'],
    ["1 2", 'has "2" where it should end'],
    ["(1", 'has the end where ")" should be'],
    ["1)", 'has ")" where it should end'],
    ["1 / 0", "divides by zero"],
    ["5 % (3 - 3)", "divides by zero"],
    ["sqrt(-1)", "has no finite real number as its result"],
    ["9^9^9", "has no finite real number as its result"],
    ["sqrt 4", 'has "4" where "(" should be'],
    ["sqrt()", 'has ")" where a number should be'],
    ["sqrt(1, 2)", "gives sqrt more than one number"],
    ["pow(2, 3)", 'has "pow" where a number should be'],
    ["constructor(1)", 'has "constructor" where a number should be'],
    ["process.exit()", 'has ".", which is none of what it may hold'],
    ["1; 2", 'has ";", which is none of what it may hold'],
    ["2 × 3", 'has "×", which is none of what it may hold'],
    ["1e5", 'has "e" where it should end'],
    ["1.2.3", 'has ".3" where it should end'],
    ["😀", 'has "😀", which is none of what it may hold'],
    ["１＋１", 'has "１", which is none of what it may hold'],
    ["1".repeat(501), "has more than 500 characters"],
    [`${"(".repeat(60)}1${")".repeat(60)}`, "is nested more than 50 levels deep"],
    [`${"-".repeat(60)}1`, "is nested more than 50 levels deep"],
    [`1${"^1".repeat(60)}`, "is nested more than 50 levels deep"],
    [`min(${"1,".repeat(30)}1)`, "gives a function more than 20 numbers"],
  ])("%j", (expression, fault) => {
    expect(calculate(expression)).toEqual({ kind: "invalid", fault });
  });

  test("whatever it holds, it never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.+-*/%^(), sqrtabminx$`") }), (text) => {
        expect(["number", "invalid"]).toContain(calculate(text).kind);
      }),
      { numRuns: 500 },
    );
  });
});
