import { sql } from "drizzle-orm";
import type { DeliveryStore } from "../../ports/deliveries.ts";
import { deliveryClaimAnswer, deliveryCommitAnswer, pingAnswer, redeliveryAnswer } from "./answers/delivery-answers.ts";
import { askCaller, askSystem } from "./ask.ts";
import type { Database } from "./database.ts";

/** As with steps: one statement to claim an attempt, one to commit what came of it. */
export function createDeliveryStore(database: Database): DeliveryStore {
  return {
    async ping(caller, delivery, endpoint) {
      const statement = sql`select pantheon_ping_endpoint(${delivery}::uuid, ${endpoint}::uuid) as answer`;
      return askCaller(database, caller, statement, pingAnswer);
    },
    async redeliver(caller, wanted, limit) {
      const { delivery, endpoint, since } = { delivery: null, endpoint: null, since: null, ...wanted };
      const statement = sql`select pantheon_redeliver(${delivery}::uuid, ${endpoint}::uuid, ${since}::timestamptz, ${limit}::int) as answer`;
      return askCaller(database, caller, statement, redeliveryAnswer);
    },
    claim: (request) =>
      askSystem(
        database,
        sql`select pantheon_claim_delivery(${JSON.stringify(request)}::jsonb) as answer`,
        deliveryClaimAnswer,
      ),
    commit: (commit) =>
      askSystem(
        database,
        sql`select pantheon_commit_delivery(${JSON.stringify(commit)}::jsonb) as answer`,
        deliveryCommitAnswer,
      ),
  };
}
