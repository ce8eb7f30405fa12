import * as z from "zod";
import { SpeakerKey } from "./agents.ts";
import { StepId } from "./ids.ts";

export const ToolStatus = z.enum(["ok", "refused", "failed", "denied"]);
export type ToolStatus = z.infer<typeof ToolStatus>;

export const ToolArguments = z.record(z.string(), z.unknown());

/** A call of a tool, as its step has it. */
export const ToolCall = z
  .object({
    id: z.string(),
    name: z.string(),
    arguments: z.string().meta({ description: "As the model gave them; JSON if it kept to the form." }),
    status: ToolStatus,
    result_bytes: z.int(),
    latency_ms: z.int(),
  })
  .meta({ id: "ToolCall" });
export type ToolCall = z.infer<typeof ToolCall>;

/** A tool call that nobody but the user may allow. */
export const AwaitedCall = z
  .object({ id: z.string(), step_id: StepId, agent_key: SpeakerKey, tool: z.string(), arguments: ToolArguments })
  .meta({ id: "AwaitedCall" });
export type AwaitedCall = z.infer<typeof AwaitedCall>;

export const DecideCalls = z.strictObject({
  decisions: z
    .array(z.strictObject({ id: z.guid(), decision: z.enum(["approved", "denied"]) }))
    .min(1)
    .max(100)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, {
      message: "must not name a call twice",
    }),
});
export type DecideCalls = z.infer<typeof DecideCalls>;
