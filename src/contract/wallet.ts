import * as z from "zod";
import { TurnId } from "./ids.ts";
import { SignedCredits } from "./money.ts";
import { timestamp } from "./text.ts";

export const Wallet = z
  .object({
    balance: SignedCredits.meta({ description: "Credits that can be spent." }),
    held: SignedCredits.meta({ description: "Credits set aside for turns under way; not part of the balance." }),
    is_low: z.boolean(),
    low_balance_below: SignedCredits,
    balance_usd: z.string().meta({ description: "The balance in US dollars, exact.", examples: ["2.994"] }),
    usd_per_credit: z.string(),
  })
  .meta({ id: "Wallet" });
export type Wallet = z.infer<typeof Wallet>;

/** Why a wallet moves, in the words of the ledger. */
export const TransactionType = z.enum(["signup_grant", "admin_grant", "hold", "settle", "release"]);
export type TransactionType = z.infer<typeof TransactionType>;

export const Transaction = z
  .object({
    id: z.string().meta({ description: "The money operation; it moves a wallet once." }),
    type: TransactionType,
    amount: SignedCredits.meta({ description: "What the balance grew by; below zero, what it fell by." }),
    turn_id: TurnId.nullable(),
    created_at: timestamp,
  })
  .meta({ id: "Transaction" });
export type Transaction = z.infer<typeof Transaction>;
