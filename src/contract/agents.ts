import * as z from "zod";
import { AgentId, RoomId } from "./ids.ts";
import { etagVersion, label, text, timestamp } from "./text.ts";

export const maxAgentsPerRoom = 50;
export const maxPosition = 9999;
const maxRolePromptLength = 20_000;

export const AgentKey = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 _ -");
export type AgentKey = z.infer<typeof AgentKey>;

/** The one who runs a turn without a seat in the room; no agent can have this key. */
const managerKey = "@manager";
export const SpeakerKey = z.union([AgentKey, z.literal(managerKey)]).meta({
  description: `The key of an agent; \`${managerKey}\` for who routes, judges, writes the last word and sums up.`,
});
export type SpeakerKey = z.infer<typeof SpeakerKey>;

export const ModelAlias = z.string().regex(/^[A-Za-z0-9._:/-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 . _ : / -");
export type ModelAlias = z.infer<typeof ModelAlias>;

const position = z.int().min(0).max(maxPosition);

export const CreateAgent = z.strictObject({
  agent_key: AgentKey,
  name: label(120),
  model_alias: ModelAlias,
  role_prompt: text(0, maxRolePromptLength).default(""),
  position: position.optional().meta({ description: "Left out: after the last agent." }),
});
export type CreateAgent = z.infer<typeof CreateAgent>;

export const UpdateAgent = z
  .strictObject({
    name: label(120).optional(),
    model_alias: ModelAlias.optional(),
    role_prompt: text(0, maxRolePromptLength).optional(),
    position: position.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: "must change at least one field" });
export type UpdateAgent = z.infer<typeof UpdateAgent>;

export const OrderAgents = z.strictObject({
  agent_keys: z
    .array(AgentKey)
    .min(1)
    .max(maxAgentsPerRoom)
    .refine((keys) => new Set(keys.map((key) => key.toLowerCase())).size === keys.length, {
      message: "must not name an agent twice",
    }),
});
export type OrderAgents = z.infer<typeof OrderAgents>;

export const Agent = z
  .object({
    id: AgentId,
    room_id: RoomId,
    agent_key: AgentKey,
    name: z.string(),
    model_alias: ModelAlias,
    role_prompt: z.string(),
    position,
    version: etagVersion,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Agent" });
export type Agent = z.infer<typeof Agent>;
