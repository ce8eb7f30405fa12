import * as z from "zod";
import { ModelAlias } from "./agents.ts";
import { RoomId } from "./ids.ts";
import { Credits } from "./money.ts";
import { etagVersion, label, text, timestamp } from "./text.ts";

export const Mode = z.enum(["manual", "roundtable", "orchestrator", "council", "debate"]);
export type Mode = z.infer<typeof Mode>;

const managerModel =
  "The model that routes, judges, writes the last word and sums up; null: the one of the first agent.";

export const CreateRoom = z.strictObject({
  name: label(200),
  goal: text(0, 4000).default(""),
  mode: Mode.default("roundtable"),
  manager_model_alias: ModelAlias.nullable().default(null).meta({ description: managerModel }),
  budget: Credits.nullable().default(null),
});
export type CreateRoom = z.infer<typeof CreateRoom>;

export const UpdateRoom = z
  .strictObject({
    name: label(200).optional(),
    goal: text(0, 4000).optional(),
    mode: Mode.optional(),
    manager_model_alias: ModelAlias.nullable().optional().meta({ description: managerModel }),
    budget: Credits.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: "must change at least one field" });
export type UpdateRoom = z.infer<typeof UpdateRoom>;

export const Room = z
  .object({
    id: RoomId,
    name: z.string(),
    goal: z.string(),
    mode: Mode,
    manager_model_alias: ModelAlias.nullable().meta({ description: managerModel }),
    budget: Credits.nullable(),
    version: etagVersion,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Room" });
export type Room = z.infer<typeof Room>;
