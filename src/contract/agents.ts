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

/** The tools that are part of the product; a test holds them against those that run. */
export const builtInToolNames = ["calculator", "clock", "search_memory"] as const;

/** What a name of tools may be: a built-in, or a server of the room with one of its tools or `*` for all of them. */
const ToolName = z
  .string()
  .regex(
    new RegExp(`^(?:${builtInToolNames.join("|")}|[A-Za-z0-9_-]{1,40}/[!-~]{1,128})$`),
    `must be one of ${builtInToolNames.join(", ")}, or a tool of a server: server/tool or server/*`,
  );

const tools = z
  .array(ToolName)
  .max(20)
  .refine((list) => new Set(list).size === list.length, { message: "must not name a tool twice" })
  .meta({
    description: `What the agent may use: ${builtInToolNames.join(", ")}, \`server/tool\` or \`server/*\`. A server that the room does not have, or has no more, gives nothing.`,
  });

const position = z.int().min(0).max(maxPosition);

export const CreateAgent = z.strictObject({
  agent_key: AgentKey,
  name: label(120),
  model_alias: ModelAlias,
  role_prompt: text(0, maxRolePromptLength).default(""),
  tools: tools.default([]),
  position: position.optional().meta({ description: "Left out: after the last agent." }),
});
export type CreateAgent = z.infer<typeof CreateAgent>;

export const UpdateAgent = z
  .strictObject({
    name: label(120).optional(),
    model_alias: ModelAlias.optional(),
    role_prompt: text(0, maxRolePromptLength).optional(),
    tools: tools.optional(),
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
    tools: z.array(z.string()),
    position,
    version: etagVersion,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Agent" });
export type Agent = z.infer<typeof Agent>;
