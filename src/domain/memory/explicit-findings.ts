import type { EntryKind, SummaryFinding } from "./entry.ts";
import { mergeSame, saysSomething, toEntryText } from "./entry-text.ts";
import type { ChunkMessage } from "./ground.ts";
import { explicitKind } from "./wording.ts";

const mostPerKind = 50;
const longestSentence = 1000;

/** What messages call a decision, an action, a question or a fact in so many words. */
export function explicitFindings(
  messages: readonly ChunkMessage[],
): Readonly<Record<EntryKind, readonly SummaryFinding[]>> {
  const found: Readonly<Record<EntryKind, SummaryFinding[]>> = { decision: [], question: [], action: [], fact: [] };
  for (const message of messages) {
    for (const { kind, text } of explicitIn(message)) {
      if (found[kind].length < mostPerKind) found[kind].push({ text, source_message_ids: [message.id] });
    }
  }
  return {
    decision: mergeSame(found.decision),
    question: mergeSame(found.question),
    action: mergeSame(found.action),
    fact: mergeSame(found.fact),
  };
}

function explicitIn({ author, text }: ChunkMessage): readonly { readonly kind: EntryKind; readonly text: string }[] {
  if (author === "failed_agent") return [];
  const found = sentencesOf(text).flatMap((sentence) => {
    const said = explicitKind(sentence, author === "user");
    return said === null || !saysSomething(said.text) ? [] : [{ kind: said.kind, text: toEntryText(said.text) }];
  });
  // Of a string of questions the last is the one that was put.
  const lastAsked = found.findLastIndex(({ kind }) => kind === "question");
  return found.filter(({ kind }, place) => kind !== "question" || place === lastAsked);
}

// "3. Mai" is a day.
const sentenceEnd = /(?<=[.!?…]["'”’)\]*_]?)(?<!\s\d{1,2}\.)\s+(?![\s\p{Ll}])|(?<=[。！？])/u;
const leadingNumber = /^\s*\d{1,3}[.)]\s+/;
const leadingMarkup = /^[\s>*_#~`•·–—-]+(?:\[[ xX]?\]\s*)?/u;
const markup = new Set([..." \t*_`~"]);

function sentencesOf(text: string): readonly string[] {
  return text
    .split(/[\n\r]+/)
    .flatMap((line) => line.replace(leadingMarkup, "").replace(leadingNumber, "").split(sentenceEnd))
    .map((sentence) => withoutTail(sentence.slice(0, longestSentence).replace(leadingMarkup, "")))
    .filter((sentence) => sentence !== "");
}

function withoutTail(sentence: string): string {
  let end = sentence.length;
  while (end > 0 && markup.has(sentence[end - 1] ?? "")) end -= 1;
  return sentence.slice(0, end);
}
