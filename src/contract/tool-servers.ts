import * as z from "zod";
import { RoomId, ToolServerId } from "./ids.ts";
import { text, timestamp } from "./text.ts";

export const maxToolServers = 10;

export const ToolServerName = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, "must be 1 to 40 of A-Z a-z 0-9 _ -");
export type ToolServerName = z.infer<typeof ToolServerName>;

const url = text(1, 2048).meta({
  format: "uri",
  description: "https, on port 443 or one from 1024 up, to a host by its public name.",
});
const authorization = z
  .string()
  .max(4096)
  .regex(/^[!-~](?:[ -~]*[!-~])?$/, "must be printable ASCII without spaces around it")
  .nullable()
  .meta({ description: "Sent as the Authorization header of every request, such as `Bearer …`. It is never shown." });
const requiresApproval = z.boolean().meta({ description: "You are asked before each call of one of its tools." });

export const CreateToolServer = z.strictObject({
  name: ToolServerName,
  url,
  authorization: authorization.default(null),
  requires_approval: requiresApproval.default(true),
});
export type CreateToolServer = z.infer<typeof CreateToolServer>;

export const UpdateToolServer = z
  .strictObject({
    url: url.optional().meta({ description: "Without an authorization beside it, a new address gets none." }),
    authorization: authorization.optional(),
    requires_approval: requiresApproval.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: "must change at least one field" });
export type UpdateToolServer = z.infer<typeof UpdateToolServer>;

export const ToolServer = z
  .object({
    id: ToolServerId,
    room_id: RoomId,
    name: ToolServerName,
    url: z.string(),
    has_authorization: z.boolean(),
    requires_approval: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "ToolServer" });
export type ToolServer = z.infer<typeof ToolServer>;
