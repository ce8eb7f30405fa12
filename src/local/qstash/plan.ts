import * as z from "zod";
import type { PublishRequest } from "./message.ts";

/** What the account's plan allows; without one everything is. */
export const Plan = z.strictObject({ max_retries: z.int().min(0) });

/** The vendor's words for what is above the plan; nothing of such a request is accepted. */
export function refuseAbovePlan(
  plan: z.infer<typeof Plan> | undefined,
  requests: readonly PublishRequest[],
): Response | undefined {
  if (plan === undefined || requests.every(({ maxRetries }) => maxRetries <= plan.max_retries)) return undefined;
  return Response.json({ error: "quota maxRetries exceeded" }, { status: 412 });
}
