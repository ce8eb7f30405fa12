import * as z from "zod";
import { ModelAlias, SpeakerKey } from "./agents.ts";
import { SignedCredits } from "./money.ts";
import { Mode } from "./rooms.ts";
import { CreateTurn } from "./turns.ts";

export const QuoteTurn = CreateTurn.pick({
  message: true,
  mode: true,
  rounds: true,
  response_schema: true,
  budget: true,
});
export type QuoteTurn = z.infer<typeof QuoteTurn>;

const Amount = z
  .object({ credits: SignedCredits, usd: z.string().meta({ examples: ["0.0153"] }) })
  .meta({ id: "QuotedAmount" });

const unknownPrice = "Null: a price is not known.";
const range = {
  low: Amount.nullable().meta({
    description: `A short reply of each agent, and none carried to others. ${unknownPrice}`,
  }),
  expected: Amount.nullable().meta({ description: `Replies as long as the session's were of late. ${unknownPrice}` }),
  high: Amount.nullable().meta({ description: `What can be charged at most. ${unknownPrice}` }),
};

const QuotedAgent = z
  .object({
    agent_key: SpeakerKey,
    agent_name: z.string(),
    model_alias: ModelAlias,
    calls: z.int().meta({ description: "How often it speaks." }),
    ...range,
  })
  .meta({ id: "QuotedAgent" });

const Cover = z
  .object({
    credits: SignedCredits,
    covers_start: z
      .boolean()
      .nullable()
      .meta({ description: `Whether the turn can begin. ${unknownPrice}` }),
    covers_high: z
      .boolean()
      .nullable()
      .meta({ description: `Whether it can end without a pause. ${unknownPrice}` }),
  })
  .meta({ id: "QuotedCover" });

/** Budgets of the session, the room, the day and the month are no part of it. */
export const Quote = z
  .object({
    mode: Mode,
    rounds: z.int(),
    pricing_version: z.string(),
    agents: z.array(QuotedAgent).meta({ description: "In the order in which they speak." }),
    total: z.object(range),
    start: Amount.nullable().meta({
      description: `What creating the turn sets aside: the high of its first round. ${unknownPrice}`,
    }),
    wallet: Cover,
    budget: Cover.nullable().meta({ description: "Of the budget that was sent." }),
  })
  .meta({ id: "Quote" });
export type Quote = z.infer<typeof Quote>;
