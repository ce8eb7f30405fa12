import { PantheonError } from "../contract/errors.ts";
import { RegisterEntryId } from "../contract/ids.ts";
import type { RegisterEntry, UpdateRegisterEntry } from "../contract/memory.ts";
import { type RevisedRegister, reviseRegister } from "../domain/summary/revise-summary.ts";
import { quotedTokens } from "../domain/turn/said.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { NewSummary } from "../ports/memory.ts";
import type { EntryGround, MemoryStore } from "../ports/memory-store.ts";
import { found } from "./not-found.ts";
import { json, type Reply } from "./reply.ts";

interface UpdatePorts {
  readonly memory: Pick<MemoryStore, "loadEntry" | "revise">;
  readonly ids: Ids;
}

const mostTries = 4;

/** The register and the summary that follows from it change together, so that the next model call sees the correction. */
export async function updateRegisterEntry(
  ports: UpdatePorts,
  caller: Caller,
  id: RegisterEntryId,
  edit: UpdateRegisterEntry,
): Promise<Reply> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const entry = await tryOnce(ports, caller, { id, edit });
    if (entry !== null) return json(200, entry);
  }
  throw new PantheonError("conflict", "The memory of this session is changing; try again.");
}

interface Wanted {
  readonly id: RegisterEntryId;
  readonly edit: UpdateRegisterEntry;
}

/** Null: a summary or another correction came in between. */
async function tryOnce(ports: UpdatePorts, caller: Caller, { id, edit }: Wanted): Promise<RegisterEntry | null> {
  const ground = found(await ports.memory.loadEntry(caller, id));
  const { previous, entries, entry: shown } = ground;
  const entry = entries.find((other) => other.id === id);
  if (entry === undefined) throw new PantheonError("conflict", "This entry is superseded and cannot change.");
  const revised = reviseRegister({ narrative: previous?.text ?? "", entries, entry, edit, makeId: ports.ids.uuid });
  if (revised === null) return shown;
  const summary = toSummary(ports.ids, ground, revised);
  const entryId = RegisterEntryId.parse(revised.entryId);
  const written = await ports.memory.revise(caller, { sessionId: shown.session_id, entryId, summary });
  return written.kind === "written" ? written.entry : null;
}

/** All that the entries are not in stays as it was. */
function toSummary(ids: Ids, { previous }: EntryGround, revised: RevisedRegister): NewSummary {
  const { newEntries, changes, rendered, items } = revised;
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
    new_entries: newEntries,
    changes,
  };
}
