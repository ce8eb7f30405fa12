import { describe, expect, it } from "vitest";
import type { RegisterEntry } from "./entry.ts";
import { renderSummary } from "./render-summary.ts";
import { type EntryEdit, reviseRegister } from "./revise-summary.ts";

function entry(id: string, order: number, own: Partial<RegisterEntry> = {}): RegisterEntry {
  const plain = {
    kind: "decision",
    status: "open",
    author_key: "ada",
    source_message_ids: ["m"],
    is_pinned: false,
  } as const;
  return { id, text: `Entry ${id}.`, order, ...plain, ...own };
}

const entries = [entry("a", 1), entry("b", 2, { kind: "question" }), entry("c", 3), entry("d", 4, { status: "done" })];

function revise(id: string, edit: EntryEdit) {
  const found = entries.find((other) => other.id === id);
  if (found === undefined) throw new Error(`no entry ${id}`);
  return reviseRegister({ narrative: "The story.", entries, entry: found, edit, makeId: () => "new" });
}

describe("a revision of the register", () => {
  it("renders what a reading of the register after it would render", () => {
    const edits = [
      { text: "Other." },
      { status: "done" },
      { is_pinned: true },
      { text: "Other.", status: "done" },
    ] as const;
    for (const edit of edits) {
      const revised = revise("a", edit);
      const changed = new Map(revised?.changes.map((change) => [change.id, change]));
      const made = (revised?.newEntries ?? []).map((fresh) => ({ ...fresh, status: "open" as const }));
      const after = [...entries, ...made].map((each) => ({ ...each, ...changed.get(each.id) }));
      expect(revised?.rendered).toBe(renderSummary("The story.", after));
    }
  });

  it("puts a correction last among its kind, with the sources of what it corrects, as the user's own", () => {
    const revised = revise("a", { text: "Other.", is_pinned: true });
    expect(revised).toMatchObject({
      entryId: "new",
      newEntries: [
        { id: "new", kind: "decision", author_key: null, source_message_ids: ["m"], is_pinned: true, order: 5 },
      ],
      changes: [{ id: "a", status: "superseded", superseded_by: "new" }],
    });
    expect(revised?.items.decisions.map(({ id }) => id)).toEqual(["c", "new"]);
  });

  it("keeps a correction of what is done out of the summary", () => {
    const revised = revise("d", { text: "Other." });
    expect(revised?.changes).toEqual([
      { id: "d", status: "superseded", superseded_by: "new" },
      { id: "new", status: "done" },
    ]);
    expect(revised?.rendered).not.toContain("Other.");
  });

  it.each([{}, { text: "Entry a." }, { status: "open" }, { is_pinned: false }] as const)(
    "is none where %j is so already",
    (edit) => {
      expect(revise("a", edit)).toBeNull();
    },
  );

  it("changes an entry in its place where its words stay", () => {
    expect(revise("b", { status: "done" })).toMatchObject({
      entryId: "b",
      newEntries: [],
      changes: [{ id: "b", status: "done", is_pinned: false }],
      items: { open_questions: [] },
    });
  });
});
