import * as z from "zod";
import { RoomId, SessionId } from "./ids.ts";
import { Credits } from "./money.ts";
import { text, timestamp } from "./text.ts";

export const CreateSession = z.strictObject({
  title: text(0, 200).default(""),
  budget: Credits.nullable().default(null),
});
export type CreateSession = z.infer<typeof CreateSession>;

export const UpdateSession = z
  .strictObject({ title: text(0, 200).optional(), budget: Credits.nullable().optional() })
  .refine((change) => Object.keys(change).length > 0, { message: "must change at least one field" });
export type UpdateSession = z.infer<typeof UpdateSession>;

export const Session = z
  .object({
    id: SessionId,
    room_id: RoomId,
    title: z.string(),
    budget: Credits.nullable(),
    turn_count: z.int().min(0),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;
