import * as z from "zod";
import { WebhookDeliveryId } from "./ids.ts";
import { instant, timestamp } from "./text.ts";

export const RedeliverSince = z.strictObject({ since: instant });

export const Pinged = z.object({ delivery_id: WebhookDeliveryId }).meta({ id: "Pinged" });
export type Pinged = z.infer<typeof Pinged>;

export const Redelivered = z
  .object({
    redelivered: z.int().meta({ description: "Those that are still under way are left alone." }),
    next_since: timestamp.nullable().meta({ description: "Ask again since then: there are more." }),
  })
  .meta({ id: "Redelivered" });
export type Redelivered = z.infer<typeof Redelivered>;
