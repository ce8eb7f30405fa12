import { flattenName, type Speaker } from "./quote.ts";

export const replyFlags = ["copied_quote", "starts_as_other", "continues_as_other"] as const;
export type ReplyFlag = (typeof replyFlags)[number];

export type CheckedReply =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "empty" }
  | { readonly kind: "flagged"; readonly text: string; readonly flags: readonly ReplyFlag[] };

/** Whether a reply is the agent's own voice; the text comes back trimmed of white space and otherwise whole. */
export function checkReply(reply: string, roster: readonly Speaker[], self: Speaker): CheckedReply {
  const text = reply.trim();
  if (text === "") return { kind: "empty" };
  const flags = flagsOf(text, otherLabels(roster, self));
  return flags.length === 0 ? { kind: "ok", text } : { kind: "flagged", text, flags };
}

const copiedQuote = /(?:<|&lt;)\s*(?:message|error)\s+from\s*=|(?:<|&lt;)\/\s*message\s*(?:>|&gt;)/i;
const lineBreak = /\r\n|[\n\r\u2028\u2029]/;
const colon = /[:：]/;
const markup = /^[\s>*_#"'`~[\]@-]+|[\s>*_#"'`~[\]@-]+$/g;
const longestLabel = 250;

function flagsOf(text: string, others: ReadonlySet<string>): readonly ReplyFlag[] {
  const [first = "", ...later] = text.split(lineBreak);
  const isFound: Readonly<Record<ReplyFlag, boolean>> = {
    copied_quote: copiedQuote.test(text),
    starts_as_other: others.has(labelOf(first)),
    continues_as_other: later.some((line) => others.has(labelOf(line))),
  };
  return replyFlags.filter((flag) => isFound[flag]);
}

function otherLabels(roster: readonly Speaker[], self: Speaker): ReadonlySet<string> {
  const own = speakerLabels(self);
  const others = roster.filter((speaker) => speaker.key !== self.key).flatMap(speakerLabels);
  return new Set(others.filter((label) => label !== "" && !own.includes(label)));
}

function speakerLabels(speaker: Speaker): readonly string[] {
  return [labelOf(`${speaker.key}:`), labelOf(`${flattenName(speaker.name)}:`)];
}

/** The name before a line's first colon, without markup and without what follows it in brackets. */
function labelOf(line: string): string {
  const start = line.slice(0, longestLabel);
  const end = start.search(colon);
  if (end < 0) return "";
  const bare = start.slice(0, end).replace(markup, "");
  const bracket = bare.indexOf("(");
  return (bracket > 0 ? bare.slice(0, bracket) : bare).replace(markup, "").normalize("NFKC").toLowerCase();
}
