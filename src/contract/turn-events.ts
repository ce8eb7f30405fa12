import * as z from "zod";
import { TurnId } from "./ids.ts";
import { timestamp } from "./text.ts";

const turnEventTypes = [
  "turn.created",
  "turn.started",
  "step.started",
  "message.completed",
  "step.failed",
  "turn.paused",
  "turn.resumed",
  "turn.completed",
  "turn.partial",
  "turn.failed",
  "turn.cancelled",
] as const;

export const TurnEvent = z
  .object({
    turn_id: TurnId,
    seq: z.int(),
    type: z.enum(turnEventTypes),
    data: z.record(z.string(), z.unknown()),
    created_at: timestamp,
  })
  .meta({ id: "TurnEvent" });
export type TurnEvent = z.infer<typeof TurnEvent>;
