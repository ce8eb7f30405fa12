import { describe, expect, it } from "vitest";
import { countOpen, type RegisterEntry } from "./entry.ts";
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

const entries = [
  entry("a", 1),
  entry("b", 2, { kind: "question" }),
  entry("bb", 3, { status: "superseded" }),
  entry("c", 4),
  entry("d", 5, { status: "done" }),
];

function revise(id: string, edit: EntryEdit) {
  const found = entries.find((other) => other.id === id);
  if (found === undefined) throw new Error(`no entry ${id}`);
  const open = entries.filter(({ status }) => status === "open");
  const input = { narrative: "The story.", entries: open, openCounts: countOpen(entries) };
  return reviseRegister({ ...input, entry: found, edit, makeId: () => "new" });
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

  it("opens what a summary took for replaced, in its old place", () => {
    const revised = revise("bb", { status: "open" });
    expect(revised).toMatchObject({ entryId: "bb", newEntries: [], changes: [{ id: "bb", status: "open" }] });
    expect(revised?.rendered).toBe(
      "Decisions:\n- Entry a.\n- Entry bb.\n- Entry c.\n\nOpen questions:\n- Entry b.\n\nSo far:\nThe story.",
    );
    expect(revised?.openCounts).toEqual({ decision: 3, question: 1, action: 0, fact: 0 });
  });

  it("tells of the entries that nobody read, however it changes those that are there", () => {
    const [found] = entries;
    if (found === undefined) throw new Error("no entry");
    const openCounts = { decision: 300, question: 1, action: 0, fact: 0 };
    const input = { narrative: "", entries: [found], openCounts, makeId: () => "new" };
    const hiddenAfter = (entry: RegisterEntry, edit: EntryEdit) => {
      const rendered = reviseRegister({ ...input, entry, edit })?.rendered ?? "";
      return /\((\d+) more/.exec(rendered)?.[1];
    };
    expect(hiddenAfter(found, { is_pinned: true })).toBe("299");
    expect(hiddenAfter(found, { text: "Other." })).toBe("299");
    expect(hiddenAfter(found, { status: "done" })).toBe("299");
    expect(hiddenAfter(entry("unread", 0), { status: "done" })).toBe("298");
  });
});
