import { managerKey } from "../plan/plan.ts";
import { dropOthers } from "./drop-others.ts";
import { dropQuotes } from "./drop-quotes.ts";
import { ownInScript } from "./json-script.ts";
import type { Speaker } from "./quote.ts";
import { type SpeakerLabels, speakerLabels } from "./speaker-labels.ts";

const voiceFlags = ["copied_quote", "starts_as_other", "continues_as_other"] as const;
type VoiceFlag = (typeof voiceFlags)[number];
export type ReplyFlag = VoiceFlag | "silent";

export type CheckedReply =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "empty" }
  /** It has nothing to say, which is a reply. */
  | { readonly kind: "silent"; readonly flags: readonly ["silent"] }
  | {
      readonly kind: "flagged";
      /** What it says for itself; null when that is nothing. */
      readonly text: string | null;
      readonly flags: readonly ReplyFlag[];
      /** What to tell the model, where another try is worth more than what is left; null where it is not. */
      readonly askAgain: string | null;
    };

const silence = /^\[\s*silent\s*\]$/i;
const maxPasses = 4;

export const speakForYourself =
  "Your last reply spoke in another's name. Reply again, for yourself alone, with no name in front and no quoting elements.";

/** What of a reply is the agent's own voice: all of it, trimmed of white space, or what is left without words of others. */
export function checkReply(reply: string, roster: readonly Speaker[], self: Speaker): CheckedReply {
  const text = reply.trim();
  if (text === "") return { kind: "empty" };
  if (self.key === managerKey) return checkManager(text, roster, self);
  if (silence.test(text)) return { kind: "silent", flags: ["silent"] };
  const labels = speakerLabels(withoutManager(roster), self);
  const parsed = parseReply(text, labels, self);
  if (parsed.flags.length === 0) return { kind: "ok", text };
  const own = ownVoice(parsed.text, labels, self);
  const isWorthAsking = own === null || parsed.flags.includes("starts_as_other");
  return { kind: "flagged", text: own, flags: parsed.flags, askAgain: isWorthAsking ? speakForYourself : null };
}

/** It reports what the agents said, by name if it likes: nothing is cut out of it. */
function checkManager(text: string, roster: readonly Speaker[], self: Speaker): CheckedReply {
  const { flags } = parseReply(text, speakerLabels(roster, self), self);
  if (flags.length === 0) return { kind: "ok", text };
  return { kind: "flagged", text, flags, askAgain: flags.includes("copied_quote") ? speakForYourself : null };
}

// Its name is an everyday word, and speaking under it decides nothing.
function withoutManager(roster: readonly Speaker[]): readonly Speaker[] {
  return roster.filter(({ key }) => key !== managerKey);
}

interface ParsedReply {
  readonly text: string;
  readonly flags: readonly VoiceFlag[];
}

function parseReply(text: string, labels: SpeakerLabels, self: Speaker): ParsedReply {
  const unquoted = dropQuotes(text, self);
  const script = ownInScript(text, labels);
  if (script !== null) return { text: script, flags: ["starts_as_other"] };
  const lines = dropOthers(text, labels);
  const isFound: Readonly<Record<VoiceFlag, boolean>> = {
    copied_quote: unquoted !== null,
    starts_as_other: lines.startsAsOther,
    continues_as_other: lines.continuesAsOther,
  };
  const own = unquoted === null ? lines.text : dropOthers(unquoted, labels).text;
  return { text: own, flags: voiceFlags.filter((flag) => isFound[flag]) };
}

/** Until nothing of another is found: what is cut may bring together what was apart. */
function ownVoice(text: string, labels: SpeakerLabels, self: Speaker): string | null {
  let own = text;
  for (let pass = 0; pass < maxPasses; pass++) {
    if (own === "" || silence.test(own)) return null;
    const parsed = parseReply(own, labels, self);
    if (parsed.flags.length === 0) return own;
    own = parsed.text;
  }
  return null;
}
