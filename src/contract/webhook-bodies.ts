import * as z from "zod";
import { WebhookEndpointId } from "./ids.ts";
import { SignedCredits } from "./money.ts";
import { timestamp } from "./text.ts";
import { TurnEvent } from "./turn-events.ts";

const lowBalance = "wallet.low_balance";
const test = "webhook.test";

const TurnEventType = z.enum(TurnEvent.options.map(({ shape }) => shape.type.value));

/** Every event of a turn's log, and what is in no turn's log. Live pieces of text are for streams only. */
export const WebhookEventType = z.enum([...TurnEventType.options, lowBalance]);

const LowBalance = z
  .object({
    balance: SignedCredits.meta({ description: "What is left, credits set aside for turns under way included." }),
    threshold: SignedCredits.meta({ description: "It was at or above this, and is now below." }),
  })
  .meta({ id: "LowBalance" });

/** A line that was too long for a webhook. A message begins as it does in the log; what else was too long is not there. */
const CutEvent = TurnEvent.options[0]
  .omit({ type: true, data: true })
  .extend({
    type: TurnEventType,
    data: z.looseObject({
      is_cut: z.literal(true),
      text: z.string().optional(),
      text_bytes: z.int().optional().meta({ description: "How long the whole text is; it is in the log." }),
    }),
  })
  .meta({ id: "CutEvent" });

function told<Type extends z.ZodType, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ type, timestamp, data });
}

/** What an endpoint is sent: the type, the moment and, as data, the event. */
export const WebhookBody = z
  .union([
    told(TurnEventType, CutEvent),
    told(TurnEventType, TurnEvent),
    told(z.literal(lowBalance), LowBalance),
    told(z.literal(test), z.object({ endpoint_id: WebhookEndpointId })),
  ])
  .meta({ id: "WebhookBody" });
export type WebhookBody = z.infer<typeof WebhookBody>;
