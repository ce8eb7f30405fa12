import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvCell, toCsv } from "./csv.ts";

/** RFC 4180 read strictly, as its grammar says: what does not follow it throws. */
function readCsv(text: string): readonly (readonly string[])[] {
  const lines: string[][] = [];
  let rest = text;
  while (rest !== "") {
    const line: string[] = [];
    let end = ",";
    while (end === ",") {
      const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
      if (match === null) throw new Error(`no RFC 4180 at: ${JSON.stringify(rest.slice(0, 40))}`);
      const [whole, quoted, plain = "", after = ""] = match;
      line.push(quoted?.replaceAll('""', '"') ?? plain);
      rest = rest.slice(whole.length);
      end = after;
    }
    lines.push(line);
  }
  return lines;
}

const sign = fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", " ", "＝", "＋", "－", "＠", '"', "'", ",", ";");
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.tuple(fc.array(sign, { maxLength: 4 }), fc.string()).map(([signs, rest]) => signs.join("") + rest),
);
const cell = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const table = fc
  .integer({ min: 1, max: 5 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));

const isNumber = (shown: string) => /^-?\d+(\.\d+)?$/.test(shown);
const columnsOf = (rows: readonly (readonly CsvCell[])[]) => (rows[0] ?? []).map((_, index) => `column_${index}`);

describe("any table as CSV", () => {
  test("reads back as it was, but for the apostrophe before what looks like a formula", () => {
    fc.assert(
      fc.property(table, (rows) => {
        const [header, ...read] = readCsv(toCsv(columnsOf(rows), rows));
        expect(header).toEqual(columnsOf(rows));
        const disarmed = read.map((cells, row) =>
          cells.map((shown, column) => {
            const told = String(rows[row]?.[column] ?? "");
            return shown === told || shown === `'${told}` ? told : `${shown} for ${told}`;
          }),
        );
        expect(disarmed).toEqual(rows.map((cells) => cells.map((told) => String(told ?? ""))));
      }),
    );
  });

  test("has no cell that a spreadsheet would compute", () => {
    fc.assert(
      fc.property(table, (rows) => {
        const shown = readCsv(toCsv(columnsOf(rows), rows)).flat();
        const computed = shown.filter((each) => "=+-@\t\r\n＝＋－＠".includes(each.trimStart()[0] ?? each[0] ?? "\0"));
        expect(computed.filter((each) => !isNumber(each))).toEqual([]);
        expect(shown.filter((each) => /^[\t\r\n]/.test(each))).toEqual([]);
      }),
    );
  });

  test("leaves every amount of money the number that it is", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(999_999_999), (whole, fraction) => {
        const amount = `${whole}.${fraction}`;
        expect(toCsv(["amount"], [[amount], [String(whole)]])).toBe(`amount\r\n${amount}\r\n${whole}\r\n`);
      }),
    );
  });
});

describe("one cell as CSV", () => {
  test.each([
    ["plain", "plain"],
    ["", ""],
    ['say "so"', '"say ""so"""'],
    ["a,b", '"a,b"'],
    ["two\r\nlines", '"two\r\nlines"'],
    ["=1+1", "'=1+1"],
    ["-1+1", "'-1+1"],
    ["+358401234567", "'+358401234567"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["  =1", "'  =1"],
    ["\t=1", "'\t=1"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ["-12.5", "-12.5"],
    ["-", "'-"],
    ["-1e9", "'-1e9"],
    ["＝1", "'＝1"],
    ["Ä-b", "Ä-b"],
    [-3, "-3"],
    [true, "true"],
    [null, ""],
  ] as const)("%j is %j", (cell, shown) => {
    expect(toCsv(["c"], [[cell]])).toBe(`c\r\n${shown}\r\n`);
  });

  test("of a header line alone is that line", () => {
    expect(toCsv(["a", "b"], [])).toBe("a,b\r\n");
  });
});
