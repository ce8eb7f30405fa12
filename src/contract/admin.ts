import * as z from "zod";
import { GrantId, UserId } from "./ids.ts";
import { ListQuery } from "./lists.ts";
import { Credits } from "./money.ts";
import { instant, label, timestamp } from "./text.ts";

const atMostTenThousand = /^(?:\d{1,4}(?:\.\d+)?|10000(?:\.0+)?)$/;

const GrantedCredits = Credits.refine((credits) => /[1-9]/.test(credits), { message: "must be above 0" }).refine(
  (credits) => atMostTenThousand.test(credits),
  { message: "must be at most 10000" },
);

export const CreateGrant = z.strictObject({ user_id: UserId, credits: GrantedCredits, reason: label(500) });
export type CreateGrant = z.infer<typeof CreateGrant>;

export const Grant = z
  .object({
    id: GrantId,
    user_id: UserId,
    credits: Credits,
    reason: z.string(),
    granted_by: UserId,
    created_at: timestamp,
  })
  .meta({ id: "Grant" });
export type Grant = z.infer<typeof Grant>;

export const GrantQuery = ListQuery.extend({ cursor: GrantId.optional(), user_id: UserId.optional() });
export type GrantQuery = z.infer<typeof GrantQuery>;

const dayStart = z.iso
  .date()
  .transform((date) => `${date}T00:00:00Z`)
  .pipe(instant);
const moment = z.union([dayStart, instant], {
  error: "must be a day such as 2026-11-21 or a moment such as 2026-11-21T12:00:00Z, between the years 1970 and 9999",
});

export const PeriodQuery = ListQuery.extend({
  period: z.enum(["day", "week", "month"]).default("day"),
  from: moment.optional().meta({ description: "A UTC day or a moment; what happened at it counts." }),
  to: moment.optional().meta({ description: "A UTC day or a moment; what happened at it does not count." }),
  cursor: dayStart.optional(),
}).refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
  path: ["to"],
  message: "must be after from",
});
export type PeriodQuery = z.infer<typeof PeriodQuery>;

/** Sums over all users have no bound. */
const creditSum = z.string().regex(/^(?:0|[1-9]\d*)(?:\.\d{1,9})?$/);
const signedCreditSum = z.string().regex(/^-?(?:0|[1-9]\d*)(?:\.\d{1,9})?$/);

const periodStart = z.iso.date().meta({ description: "Its first day, in UTC; weeks begin on Monday." });

export const PlatformUsage = z
  .object({
    period_start: periodStart,
    active_users: z.int(),
    model_calls: z.int(),
    lost_calls: z.int().meta({ description: "Attempts whose outcome nobody knows; not among the model calls." }),
    fresh_tokens: z.int(),
    cached_tokens: z.int(),
    output_tokens: z.int(),
    credits_metered: creditSum.meta({ description: "Lost attempts count at the most that they can have used." }),
    credits_charged: creditSum.meta({ description: "The part of it that users paid." }),
    cost_usd: z.string().nullable().meta({ description: "What providers charged, where they say so." }),
  })
  .meta({ id: "PlatformUsage" });
export type PlatformUsage = z.infer<typeof PlatformUsage>;

export const PlatformWaste = z
  .object({
    period_start: periodStart,
    waste_credits: creditSum.meta({ description: "Metered for calls that were lost, and paid by the platform." }),
    variance_credits: creditSum.meta({ description: "Metered above the hold, and paid by the platform." }),
    lost_calls: z.int(),
    failed_calls: z.int().meta({ description: "Attempts that failed or were given up." }),
  })
  .meta({ id: "PlatformWaste" });
export type PlatformWaste = z.infer<typeof PlatformWaste>;

/** All accounts of all users; double entry holds when the sum is zero. */
export const AccountTotals = z
  .object({
    totals: z.object({
      wallet: signedCreditSum,
      held: signedCreditSum,
      revenue: signedCreditSum,
      granted: signedCreditSum,
      waste: signedCreditSum,
      variance: signedCreditSum,
    }),
    sum: signedCreditSum,
  })
  .meta({ id: "AccountTotals" });
export type AccountTotals = z.infer<typeof AccountTotals>;
