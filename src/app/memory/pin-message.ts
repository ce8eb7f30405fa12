import { PantheonError } from "../../contract/errors.ts";
import type { MessageId } from "../../contract/ids.ts";
import { maxPinnedMessages } from "../../contract/memory.ts";
import type { Message } from "../../contract/messages.ts";
import type { Caller } from "../../ports/caller.ts";
import type { MemoryStore } from "../../ports/memory-store.ts";
import { notFound } from "../not-found.ts";

interface PinPorts {
  readonly memory: Pick<MemoryStore, "pin">;
}

/** What is pinned goes into every prompt of its session, however long ago it was said. */
export async function pinMessage(ports: PinPorts, caller: Caller, id: MessageId, isPinned: boolean): Promise<Message> {
  const pinned = await ports.memory.pin(caller, id, { isPinned, maxPinned: maxPinnedMessages });
  switch (pinned.kind) {
    case "missing":
      throw notFound();
    case "unheard":
      throw new PantheonError("conflict", "The turn of this message was refused: it goes into no prompt.");
    case "too_many":
      throw new PantheonError("conflict", `A session has at most ${maxPinnedMessages} pinned messages.`);
    case "done":
      return pinned.message;
  }
}
