import * as z from "zod";
import { ModelAlias, SpeakerKey } from "./agents.ts";
import { RoomId, SessionId } from "./ids.ts";
import { ListQuery } from "./lists.ts";
import { instant } from "./text.ts";

export const UsageGroup = z.enum(["day", "agent", "model", "room", "session", "purpose"]);
export type UsageGroup = z.infer<typeof UsageGroup>;

const isInstant = (value: string): boolean => instant.safeParse(value).success;
const toDayStart = (date: string): string => `${date}T00:00:00Z`;

const moment = z
  .string()
  .max(40)
  .transform((value) => (/^\d{4}-\d{2}-\d{2}$/.test(value) ? toDayStart(value) : value))
  .refine(isInstant, {
    message: "must be a day such as 2026-11-21 or a moment such as 2026-11-21T12:00:00Z, from 1970 to 9999",
  });

/** A page goes on after the last key seen, so a cursor is a key of the same grouping. */
const keyByGroup: Readonly<Record<UsageGroup, z.ZodType>> = {
  day: z.iso.date().refine((date) => isInstant(toDayStart(date))),
  agent: SpeakerKey,
  model: ModelAlias,
  room: RoomId,
  session: SessionId,
  purpose: z.string().regex(/^[a-z0-9_]{1,64}$/),
};

export const UsageQuery = ListQuery.extend({
  group_by: UsageGroup.default("day"),
  from: moment.optional().meta({ description: "A UTC day or a moment; calls made at it count." }),
  to: moment.optional().meta({ description: "A UTC day or a moment; calls made at it do not count." }),
})
  .refine(({ group_by, cursor }) => cursor === undefined || keyByGroup[group_by].safeParse(cursor).success, {
    path: ["cursor"],
    message: "must be the next_cursor of a page with the same group_by",
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ["to"],
    message: "must be after from",
  });
export type UsageQuery = z.infer<typeof UsageQuery>;

const decimal = z.string().regex(/^\d+(?:\.\d+)?$/);

/** Attempts whose outcome nobody knows are in `lost_calls`, and in no other sum. */
export const UsageRow = z
  .object({
    key: z.string().meta({ description: "The day, agent_key, model_alias, room id, session id or purpose." }),
    label: z.string().nullable().meta({ description: "The room's name or the session's title." }),
    model_calls: z.int(),
    lost_calls: z.int().meta({ description: "Attempts of unknown outcome; the platform pays them." }),
    fresh_tokens: z.int(),
    cached_tokens: z.int(),
    output_tokens: z.int(),
    oe: decimal.meta({ description: "0.35 · fresh + 0.10 · cached + 1.00 · output." }),
    credits: decimal.meta({ description: "What was charged." }),
    cost_usd: decimal.nullable().meta({ description: "What the providers charged, as far as they said; else null." }),
    is_estimated: z.boolean(),
  })
  .meta({ id: "UsageRow" });
export type UsageRow = z.infer<typeof UsageRow>;
