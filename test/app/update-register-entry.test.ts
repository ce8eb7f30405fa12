import { expect, it } from "vitest";
import { updateRegisterEntry } from "../../src/app/memory/update-register-entry.ts";
import { RegisterEntryId, UserId } from "../../src/contract/ids.ts";
import { RegisterEntry } from "../../src/contract/memory.ts";
import type { NewSummary } from "../../src/ports/memory.ts";
import type { EntrySnapshot } from "../../src/ports/memory-store.ts";
import { errorOf } from "../support/error-of.ts";

const id = RegisterEntryId.parse("0190a000-0000-7000-8000-000000000001");
const newId = "0190a000-0000-7000-8000-000000000002";
const caller = {
  kind: "user",
  userId: UserId.parse("0190a000-0000-7000-8000-0000000000aa"),
  email: null,
  isEmailConfirmed: true,
} as const;
const shown = RegisterEntry.parse({
  id,
  room_id: "0190a000-0000-7000-8000-0000000000bb",
  session_id: "0190a000-0000-7000-8000-0000000000cc",
  kind: "decision",
  text: "Launch on 3 May.",
  status: "open",
  author_key: "ada",
  source_message_ids: [],
  is_pinned: false,
  superseded_by: null,
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
});
const input: EntrySnapshot = {
  entry: shown,
  previous: null,
  entries: [{ ...shown, order: 1 }],
  open_counts: { decision: 1, question: 0, action: 0, fact: 0 },
};

function memoryThatIsStale(times: number) {
  const written: NewSummary[] = [];
  const memory = {
    loadEntry: async () => ({ ...input, previous: null }),
    revise: async (_: unknown, { summary }: { readonly summary: NewSummary }) => {
      written.push(summary);
      return written.length <= times ? ({ kind: "stale" } as const) : ({ kind: "written", entry: shown } as const);
    },
  };
  const ids = { uuid: () => newId, secretHex: () => "", secretBase64: () => "" };
  return { written, ports: { memory, ids } };
}

it("reads anew when another version came in between, and writes upon that one", async () => {
  const { ports, written } = memoryThatIsStale(3);
  expect(await updateRegisterEntry(ports, caller, id, { text: "Launch on 10 May." })).toBe(shown);
  expect(written).toHaveLength(4);
});

it("gives up with a conflict where that happens again and again", async () => {
  const { ports, written } = memoryThatIsStale(Number.POSITIVE_INFINITY);
  expect(await errorOf(updateRegisterEntry(ports, caller, id, { status: "done" }))).toMatchObject({ code: "conflict" });
  expect(written).toHaveLength(4);
});

it("begins a summary where the register has none yet", async () => {
  const { ports, written } = memoryThatIsStale(0);
  await updateRegisterEntry(ports, caller, id, { text: "Launch on 10 May." });
  expect(written).toMatchObject([
    {
      base_version: 0,
      through_turn_index: 0,
      cursor: null,
      text: "",
      rendered: "Decisions:\n- Launch on 10 May.",
      is_fallback: false,
      new_entries: [{ id: newId, kind: "decision", text: "Launch on 10 May.", author_key: null }],
      changes: [{ id, status: "superseded", superseded_by: newId }],
    },
  ]);
});
