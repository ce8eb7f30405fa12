import type { CreateGrant, Grant } from "../../contract/admin.ts";
import { GrantId } from "../../contract/ids.ts";
import { formatCredits, parseCredits } from "../../domain/money/credits.ts";
import type { AdminStore } from "../../ports/admin.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { notFound } from "../not-found.ts";

interface CreateGrantPorts extends IdempotencyPorts {
  readonly admin: Pick<AdminStore, "grant">;
  readonly ids: Ids;
}

/** Given by a person: a key never gets this far. */
export async function createGrant(
  ports: CreateGrantPorts,
  caller: Caller,
  input: CreateGrant,
  key: IdempotencyKey | null,
): Promise<Made<Grant>> {
  if (caller.kind !== "user") throw notFound();
  const { userId: granted_by } = caller;
  return withIdempotency(ports, caller, { operation: "create_grant", key }, async (toStored) => {
    const grant: Grant = {
      id: GrantId.parse(ports.ids.uuid()),
      ...input,
      credits: formatCredits(parseCredits(input.credits)),
      granted_by,
      created_at: ports.clock.now().toISOString(),
    };
    await ports.admin.grant(caller, grant, toStored(grant));
    return made(grant);
  });
}
