import * as z from "zod";
import { ModelAlias, SpeakerKey } from "./agents.ts";
import { MessageId, StepId, SummaryId } from "./ids.ts";
import { timestamp } from "./text.ts";

/** Beyond these the ranges alone say what was left out. */
export const maxLeftOutShown = 1000;

const rangeRules = ["replaced_by_summary", "beyond_window"] as const;
const CutRule = z.enum([
  ...rangeRules,
  "pruned_oldest_reply",
  "pruned_oldest_turn",
  "pruned_summary",
  "over_hold",
  "shortened_carry",
  "shortened_summary",
]);

const LeftOut = z.object({
  message_id: z.guid().meta({ description: "Of a message; of the summary where the summary itself was cut." }),
  rule: CutRule,
  kept_characters: z.int().optional().meta({ description: "It went in up to here, in UTF-16 units: it is shortened." }),
  kept_bytes: z.int().optional(),
  original_bytes: z.int().optional(),
});

const Range = z.object({ rule: z.enum(rangeRules), from_turn_index: z.int(), through_turn_index: z.int() });

const tokens = z.int().nullable();
const provider = "What the provider counted for the prompt of the last answered call; null where it did not say.";

/** What went into one model call, what was left out, and by which rule. */
export const ContextAudit = z
  .object({
    step_index: z.int(),
    step_id: StepId.nullable(),
    agent_key: SpeakerKey,
    purpose: z.string().nullable(),
    attempt: z.int().meta({ description: "0: refused when the turn was made." }),
    model_alias: ModelAlias.nullable(),
    model_context_limit: tokens,
    input_budget: tokens,
    output_reserve: tokens,
    overhead_reserve: tokens,
    estimate_before: tokens,
    estimate_after_summary: tokens,
    estimate_after_prune: tokens,
    is_summary_wanted: z.boolean(),
    is_pruned: z.boolean(),
    is_rejected: z.boolean(),
    summary_id: SummaryId.nullable().meta({ description: "The version of the summary that went in." }),
    messages_in: z.array(MessageId).meta({ description: "In the order of the prompt." }),
    messages_out: z.array(LeftOut),
    ranges: z.array(Range).meta({ description: "Turns that were not read, but for their pinned messages." }),
    is_truncated: z.boolean().meta({
      description: `Of the ranges' messages only the newest ${maxLeftOutShown} are among messages_out.`,
    }),
    provider_tokens: z.int().nullable().meta({ description: provider }),
    prompt_hash: z.string().nullable().meta({ description: "The SHA-256 of the prompt as it was sent." }),
    created_at: timestamp,
  })
  .meta({ id: "ContextAudit" });
export type ContextAudit = z.infer<typeof ContextAudit>;
