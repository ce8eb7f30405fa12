import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(`${root}docs/failure-cases.md`, "utf8");

interface Row {
  readonly number: string;
  readonly proofs: readonly { readonly path: string; readonly title: string }[];
  readonly isUnbuilt: boolean;
}

const rows: readonly Row[] = [...page.matchAll(/^\| (\d+b?) \| .+ \| (.+) \|$/gm)].map(
  ([, number = "", proof = ""]) => ({
    number,
    proofs: [...proof.matchAll(/`([^`]+)` “([^”]+)”/g)].map(([, path = "", title = ""]) => ({ path, title })),
    isUnbuilt: proof === "not built yet",
  }),
);

const everyNumber = [...Array.from({ length: 50 }, (_, index) => String(index + 1)), "20b"];

describe("the table of failure cases", () => {
  it("has a row for each case and no other", () => {
    expect(rows.map(({ number }) => number).sort()).toEqual([...everyNumber].sort());
  });

  it("names a proof in every row that does not say that it is not built yet", () => {
    expect(rows.filter(({ proofs, isUnbuilt }) => proofs.length > 0 === isUnbuilt)).toEqual([]);
  });

  it("cites titles that their files hold", () => {
    const missing = rows.flatMap(({ number, proofs }) =>
      proofs.filter((proof) => !isThere(proof)).map(({ path, title }) => `${number}: ${path} “${title}”`),
    );
    expect(missing).toEqual([]);
  });
});

/** A title stands in its file between quotes, as it is written there. */
function isThere({ path, title }: Row["proofs"][number]): boolean {
  if (!existsSync(root + path)) return false;
  const text = readFileSync(root + path, "utf8");
  return ['"', "'", "`"].some((quote) => text.includes(quote + title + quote));
}
