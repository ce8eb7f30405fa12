import type { JsonValue } from "./json-value.ts";
import { unescapeMarkup } from "./quoted-blocks.ts";
import { quoteOf } from "./speak.ts";

const PIECE =
  /^(m\d{1,5}) \(turn \d{1,9}(?:, continued)?\):\n<message from="([^"<>]{0,2000})" key="([^"<>]{0,200})">([^<]*)<\/message>/gmu;
const KNOWN_QUESTION = /(?:^|<summary>)(q\d{1,5}): ([^<\n]+)/gmu;
const NARRATIVE = /^Narrative so far:\n<summary>([^<]*)<\/summary>/mu;
const PROMISE =
  /^(?:I|We|\p{Lu}\p{L}+) will\b.*\bby (?:\d|the end|tomorrow|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)|^Name one owner/u;
const MOST_OF_A_KIND = 3;
const MOST_VIEWS = 6;
const NARRATIVE_CHARACTERS = 900;

interface Said {
  readonly ref: string;
  readonly speaker: string;
  readonly isUser: boolean;
  readonly text: string;
}

/** What a secretary would write down of the messages that are shown, each with where it is from. */
export function takeMinutes(prompt: string): JsonValue {
  const said = [...prompt.matchAll(PIECE)].map(toSaid);
  const kind = (isOne: (sentence: string, from: Said) => boolean) => findings(said, isOne);
  return {
    text: narrate(unescapeMarkup(NARRATIVE.exec(prompt)?.[1] ?? ""), said),
    key_facts: kind((sentence) => /\d/u.test(sentence) && /[.!]$/u.test(sentence) && !isDecision(sentence)),
    decisions: kind(isDecision),
    open_questions: kind((sentence, { isUser }) => isUser && sentence.endsWith("?")),
    action_items: kind((sentence) => PROMISE.test(sentence) && !isDecision(sentence)),
    resolved: answered(prompt, said),
  };
}

function toSaid([, ref = "", speaker = "", key = "", text = ""]: RegExpExecArray): Said {
  return { ref, speaker: unescapeMarkup(speaker), isUser: key === "@user", text: unescapeMarkup(text) };
}

function findings(said: readonly Said[], isOne: (sentence: string, from: Said) => boolean): JsonValue[] {
  const found = said.flatMap((from) =>
    sentencesOf(from.text)
      .filter((sentence) => isOne(sentence, from))
      .map((text) => ({ text, sources: [from.ref] })),
  );
  return found.slice(0, MOST_OF_A_KIND);
}

function isDecision(sentence: string): boolean {
  return /^(?:@[\w-]+[,:]? )*Decision:|\bwe (?:have )?(?:decided|agreed)\b/iu.test(sentence) && !sentence.endsWith("?");
}

function narrate(before: string, said: readonly Said[]): string {
  const asked = said.filter(({ isUser }) => isUser).map(({ text }) => `The user said: “${quoteOf(text)}”.`);
  const views = said
    .filter(({ isUser }) => !isUser)
    .map(({ speaker, text }) => `${speaker} held that “${quoteOf(text)}”.`);
  const told = [...asked.slice(-MOST_VIEWS), ...views.slice(-MOST_VIEWS)].join(" ");
  const kept = before.slice(0, Math.max(0, NARRATIVE_CHARACTERS - told.length)).trim();
  return `${kept} ${told}`.trim() || "Nothing was said.";
}

/** A question is answered when an agent takes up two of its longer words. */
function answered(prompt: string, said: readonly Said[]): JsonValue[] {
  const replies = said.filter(({ isUser }) => !isUser).map(({ text }) => text.toLowerCase());
  return [...prompt.matchAll(KNOWN_QUESTION)].flatMap(([, ref = "", question = ""]) => {
    const words = [...new Set(question.toLowerCase().match(/\p{L}{5,}/gu) ?? [])];
    const isAnswered = replies.some((reply) => words.filter((word) => reply.includes(word)).length >= 2);
    return isAnswered ? [{ ref, status: "done" }] : [];
  });
}

function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length > 8 && sentence.length < 300);
}
