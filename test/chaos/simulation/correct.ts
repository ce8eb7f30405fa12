import { pinMessage } from "../../../src/app/memory/pin-message.ts";
import { summarizeSession } from "../../../src/app/memory/summarize-session.ts";
import { updateRegisterEntry } from "../../../src/app/memory/update-register-entry.ts";
import type { RegisterEntry, UpdateRegisterEntry } from "../../../src/contract/memory.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import { type ClientRequest, done, type Said } from "./client-request.ts";
import type { Setting } from "./furnish.ts";
import type { World } from "./world-shape.ts";

type Perform = ClientRequest["perform"];

/** The user's hand on what a session remembers: entries corrected, closed and pinned, messages pinned, a summary asked for. */
export function drawCorrection(world: World, setting: Setting, index: number): ClientRequest {
  const { play } = world.random;
  const kind = play.pick(["entry", "entry", "entry", "entry", "message", "sum up"] as const);
  const which = play.between(0, 1_000);
  const edit = play.pick<UpdateRegisterEntry>([
    { text: `Corrected${index} is so.` },
    { text: `Corrected${index} is so.`, status: "done" },
    { status: play.pick(["done", "open"]) },
    { is_pinned: play.chance(0.7) },
  ]);
  const perform: Record<typeof kind, Perform> = {
    entry: correctEntry(world, setting, { edit, which }),
    message: (ports) => pinSome(world, setting, { ports, which, isPinned: play.chance(0.7) }),
    "sum up": (ports) => sumUp(setting, ports, `summary-${index}`),
  };
  return {
    what: `correct ${index} (${kind})`,
    atMs: play.pick([play.between(5_000, 30_000), play.between(5_000, 100_000)]),
    perform: perform[kind],
  };
}

interface Corrected {
  readonly ports: Ports;
  readonly which: number;
}

const page = { limit: 100 };

/** Who asks again, since no answer came, asks of the same entry. */
function correctEntry(
  { chronicle }: World,
  { caller, sessionIds }: Setting,
  { edit, which }: Pick<Corrected, "which"> & { readonly edit: UpdateRegisterEntry },
): Perform {
  let entry: RegisterEntry | undefined;
  return async (ports) => {
    const entries = (await ports.memory.listOfSession(caller, sessionIds[0], page))?.data ?? [];
    entry ??= entries[which % Math.max(1, entries.length)];
    if (entry === undefined) return done;
    const correction = { text: edit.text ?? "", isTaken: false };
    if (edit.text !== undefined && entry.text !== edit.text) chronicle.corrections.push(correction);
    await updateRegisterEntry(ports, caller, entry.id, edit);
    correction.isTaken = true;
    return done;
  };
}

async function pinSome(
  { chronicle }: World,
  { caller, sessionIds }: Setting,
  { ports, which, isPinned }: Corrected & { readonly isPinned: boolean },
): Promise<Said> {
  const messages = (await ports.turns.messages(caller, sessionIds[0], page))?.data ?? [];
  const message = messages[which % Math.max(1, messages.length)];
  if (message === undefined) return done;
  chronicle.pinned.add(message.id);
  await pinMessage(ports, caller, message.id, isPinned);
  return done;
}

async function sumUp({ caller, sessionIds }: Setting, ports: Ports, key: string): Promise<Said> {
  await summarizeSession(ports, caller, sessionIds[0], { key, fingerprint: key });
  return done;
}
