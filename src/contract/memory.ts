import * as z from "zod";
import { SpeakerKey } from "./agents.ts";
import { MessageId, RegisterEntryId, RoomId, SessionId, SummaryId } from "./ids.ts";
import { label, timestamp } from "./text.ts";

/** More would leave too little of a prompt to what is being talked about. */
export const maxPinnedMessages = 50;
// Four bytes each at most: an entry of the user's is never shortened in a prompt.
const maxEntryLength = 1000;

const SummaryItem = z.object({
  entry_id: RegisterEntryId,
  text: z.string(),
  source_message_ids: z.array(MessageId),
});
const items = z.array(SummaryItem);

/** What stands in prompts for the turns that it covers. A version is never changed: what comes later is a version of its own. */
export const SessionSummary = z
  .object({
    id: SummaryId,
    session_id: SessionId,
    version: z.int().min(1),
    through_turn_index: z.int().meta({ description: "The last turn that it covers wholly." }),
    text: z.string().meta({ description: "The narrative, without the entries of the register." }),
    key_facts: items,
    decisions: items,
    open_questions: items,
    action_items: items,
    rendered: z.string().meta({ description: "What goes into prompts, word by word." }),
    tokens: z.int(),
    is_fallback: z.boolean().meta({ description: "No model's answer could be read, and a rule made it." }),
    created_at: timestamp,
  })
  .meta({ id: "SessionSummary" });
export type SessionSummary = z.infer<typeof SessionSummary>;

const EntryKind = z.enum(["decision", "question", "action", "fact"]);
const EntryStatus = z.enum(["open", "done", "superseded"]);

/** A decision, a question, something to do or a fact, in the words in which it was said. */
export const RegisterEntry = z
  .object({
    id: RegisterEntryId,
    room_id: RoomId,
    session_id: SessionId,
    kind: EntryKind,
    text: z.string(),
    status: EntryStatus,
    author_key: SpeakerKey.nullable().meta({ description: "Whose words it is taken from; null: the user's." }),
    source_message_ids: z.array(MessageId),
    is_pinned: z.boolean().meta({ description: "No summary ends it, and it is the last to be left out of one." }),
    superseded_by: RegisterEntryId.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "RegisterEntry" });
export type RegisterEntry = z.infer<typeof RegisterEntry>;

export const registerFilters = {
  kind: EntryKind.optional(),
  status: EntryStatus.optional(),
  pinned: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional(),
};

export const UpdateRegisterEntry = z
  .strictObject({
    status: EntryStatus.exclude(["superseded"])
      .optional()
      .meta({ description: "`open` also opens an entry again that a summary took for replaced." }),
    is_pinned: z.boolean().optional(),
    text: label(maxEntryLength)
      .optional()
      .meta({ description: "Other words make a new entry, in the place of this one." }),
  })
  .refine((change) => Object.keys(change).length > 0, { message: "must change at least one field" });
export type UpdateRegisterEntry = z.infer<typeof UpdateRegisterEntry>;
