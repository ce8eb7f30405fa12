import type { JsonValue } from "../json-value.ts";
import { type Scene, sentencesOf } from "./scene.ts";
import { quoteOf } from "./speak.ts";

const maxOfAKind = 3;
const maxViews = 8;
const longestBackground = 400;
const decided = /\bDecision:|\bwe (?:have )?(?:decided|agreed)\b/iu;
const promised = /\bwill\b.*\bby (?:\d|the end|tomorrow|\w+day\b)/u;

/** What a secretary would write down of what is quoted; the n-th quote is known as mn. */
export function takeMinutes({ quotes, background }: Scene): JsonValue {
  const said = quotes.flatMap(({ text }, index) =>
    sentencesOf(text).map((sentence) => ({ text: sentence, sources: [`m${index + 1}`] })),
  );
  const kind = (isOne: (sentence: string) => boolean) => said.filter(({ text }) => isOne(text)).slice(0, maxOfAKind);
  const isDecision = (text: string) => decided.test(text) && !text.endsWith("?");
  const isAction = (text: string) => promised.test(text) && !isDecision(text);
  const views = quotes.map(({ marks, text }) => `${marks[0]} said: “${quoteOf(text)}”.`);
  const before = background.slice(-1).map((text) => text.slice(0, longestBackground));
  const story = [...before, ...views.slice(-maxViews)].join(" ");
  return {
    text: story === "" ? "Nothing was said." : story,
    key_facts: kind((text) => /^[^“]*\d[^“]*[.!]$/u.test(text) && !isDecision(text) && !isAction(text)),
    decisions: kind(isDecision),
    open_questions: kind((text) => text.endsWith("?")),
    action_items: kind(isAction),
    resolved: [],
  };
}
