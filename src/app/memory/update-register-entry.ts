import { PantheonError } from "../../contract/errors.ts";
import { RegisterEntryId } from "../../contract/ids.ts";
import type { RegisterEntry, UpdateRegisterEntry } from "../../contract/memory.ts";
import { type RevisedRegister, reviseRegister } from "../../domain/memory/revise-summary.ts";
import { quotedTokens } from "../../domain/turn/said.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Ids } from "../../ports/ids.ts";
import type { NewSummary } from "../../ports/memory.ts";
import type { EntrySnapshot, MemoryStore } from "../../ports/memory-store.ts";
import { found } from "../not-found.ts";

interface UpdatePorts {
  readonly memory: Pick<MemoryStore, "loadEntry" | "revise">;
  readonly ids: Ids;
}

const maxTries = 4;

/** The register and the summary that follows from it change together, so that the next model call sees the correction. */
export async function updateRegisterEntry(
  ports: UpdatePorts,
  caller: Caller,
  id: RegisterEntryId,
  edit: UpdateRegisterEntry,
): Promise<RegisterEntry> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const entry = await tryOnce(ports, caller, { id, edit });
    if (entry !== null) return entry;
  }
  throw new PantheonError("conflict", "The memory of this session is changing; try again.");
}

interface Wanted {
  readonly id: RegisterEntryId;
  readonly edit: UpdateRegisterEntry;
}

/** Null: a summary or another correction came in between. */
async function tryOnce(ports: UpdatePorts, caller: Caller, { id, edit }: Wanted): Promise<RegisterEntry | null> {
  const snapshot = found(await ports.memory.loadEntry(caller, id));
  const { previous, entries, open_counts: openCounts, entry } = snapshot;
  if (entry.status === "superseded") checkReopening(entry, edit);
  const narrative = previous?.text ?? "";
  const revised = reviseRegister({ narrative, entries, openCounts, entry, edit, makeId: ports.ids.uuid });
  if (revised === null) return entry;
  const summary = toSummary(ports.ids, snapshot, revised);
  const entryId = RegisterEntryId.parse(revised.entryId);
  const written = await ports.memory.revise(caller, { sessionId: entry.session_id, entryId, summary });
  return written.kind === "written" ? written.entry : null;
}

/** What a model took for replaced the user may open again; what the user has put other words to has them in its place. */
function checkReopening({ superseded_by }: RegisterEntry, edit: UpdateRegisterEntry): void {
  if (superseded_by !== null)
    throw new PantheonError("conflict", `This entry cannot change: ${superseded_by} is in its place.`);
  if (edit.status !== "open")
    throw new PantheonError("conflict", 'This entry is superseded: it cannot change unless "status" opens it again.');
}

/** All that the entries are not in stays as it was. */
function toSummary(ids: Ids, { previous }: EntrySnapshot, revised: RevisedRegister): NewSummary {
  const { newEntries, changes, rendered, items, openCounts } = revised;
  return {
    id: ids.uuid(),
    base_version: previous?.version ?? 0,
    through_turn_index: previous?.through_turn_index ?? 0,
    made_at_turn_index: previous?.made_at_turn_index ?? 0,
    cursor: previous?.cursor ?? null,
    text: previous?.text ?? "",
    items,
    rendered,
    ...quotedTokens(rendered),
    is_fallback: previous?.is_fallback ?? false,
    open_counts: openCounts,
    new_entries: newEntries,
    changes,
  };
}
