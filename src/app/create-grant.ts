import type { CreateGrant, Grant } from "../contract/admin.ts";
import { GrantId } from "../contract/ids.ts";
import { formatCredits, parseCredits } from "../domain/money/credits.ts";
import type { AdminStore } from "../ports/admin.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import { notFound } from "./not-found.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { json, type Reply } from "./reply.ts";

interface CreateGrantPorts extends OncePorts {
  readonly admin: Pick<AdminStore, "grant">;
  readonly ids: Ids;
}

/** Given by a person: a key never gets this far. */
export async function createGrant(
  ports: CreateGrantPorts,
  caller: Caller,
  input: CreateGrant,
  once: Once | null,
): Promise<Reply> {
  if (caller.kind !== "user") throw notFound();
  const { userId: granted_by } = caller;
  return answerOnce(ports, caller, once, async (keep) => {
    const grant: Grant = {
      id: GrantId.parse(ports.ids.uuid()),
      ...input,
      credits: formatCredits(parseCredits(input.credits)),
      granted_by,
      created_at: ports.clock.now().toISOString(),
    };
    const reply = json(201, grant);
    await ports.admin.grant(caller, grant, keep(reply));
    return reply;
  });
}
