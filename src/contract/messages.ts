import * as z from "zod";
import { SpeakerKey } from "./agents.ts";
import { MessageId, TurnId } from "./ids.ts";
import { timestamp } from "./text.ts";

export const Message = z
  .object({
    id: MessageId,
    turn_id: TurnId,
    turn_index: z.int(),
    position: z.int(),
    author: z.enum(["user", "agent", "failed_agent"]),
    agent_key: SpeakerKey.nullable(),
    agent_name: z.string().nullable(),
    error_type: z.string().nullable(),
    text: z.string(),
    tokens: z.int(),
    is_pinned: z.boolean(),
    created_at: timestamp,
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof Message>;
