import * as z from "zod";

export const deliveryMessageVersion = 1;

/** The body of a queue message that asks for one attempt of one webhook. */
export const DeliveryMessage = z.object({ v: z.literal(deliveryMessageVersion), delivery: z.guid() });
export type DeliveryMessage = z.infer<typeof DeliveryMessage>;
