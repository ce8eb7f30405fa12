import { sql } from "drizzle-orm";
import type { DeliveryClaim, DeliveryCommitted, DeliveryStore, Ping, Redelivery } from "../../ports/deliveries.ts";
import { askCaller, askSystem } from "./ask.ts";
import type { Database } from "./database.ts";

/** As with steps: one statement to claim an attempt, one to commit what came of it. */
export function createDeliveryStore(database: Database): DeliveryStore {
  return {
    async ping(caller, delivery, endpoint) {
      const statement = sql`select pantheon_ping_endpoint(${delivery}::uuid, ${endpoint}::uuid) as answer`;
      return askCaller<Ping>(database, caller, statement);
    },
    async redeliver(caller, wanted, limit) {
      const { delivery, endpoint, since } = { delivery: null, endpoint: null, since: null, ...wanted };
      const statement = sql`select pantheon_redeliver(${delivery}::uuid, ${endpoint}::uuid, ${since}::timestamptz, ${limit}::int) as answer`;
      return askCaller<Redelivery>(database, caller, statement);
    },
    claim: (request) =>
      askSystem<DeliveryClaim>(
        database,
        sql`select pantheon_claim_delivery(${JSON.stringify(request)}::jsonb) as answer`,
      ),
    commit: (commit) =>
      askSystem<DeliveryCommitted>(
        database,
        sql`select pantheon_commit_delivery(${JSON.stringify(commit)}::jsonb) as answer`,
      ),
  };
}
