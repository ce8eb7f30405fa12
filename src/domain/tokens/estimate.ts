import { type ScriptClass, scriptClasses, weigh } from "./estimate-class.ts";
import { scanUnits } from "./estimate-scan.ts";

export interface Measured {
  /** What typical tokenizers make of it: at least 1, and of a text that is not empty never more than its bytes. */
  readonly tokens: number;
  readonly bytes: number;
  readonly scriptClass: ScriptClass;
}

/** The base estimate, in one pass over the text, however long or hostile it is. */
export function measureText(text: string): Measured {
  const scan = scanUnits(text);
  const { bytes } = scan;
  const { tokens, scriptClass } = weigh(scan);
  return { tokens: Math.max(1, Math.min(bytes, Math.round(tokens))), bytes, scriptClass };
}

/** What a prompt is made of: text of each class, and what the provider puts around its messages. */
export const promptParts = [...scriptClasses, "framing"] as const;
export type PromptPart = (typeof promptParts)[number];
export type TokensByPart = Readonly<Record<PromptPart, number>>;

export const noTokens: TokensByPart = {
  english: 0,
  latin: 0,
  code: 0,
  han: 0,
  kana: 0,
  hangul: 0,
  other: 0,
  framing: 0,
};

export interface SentMessage {
  readonly content: string;
}

const framingOfPrompt = 3;
export const framingOfMessage = 5;

/** The base estimate of a whole prompt, part by part: what a provider's own count teaches about. */
export function estimateByClass(messages: readonly SentMessage[]): TokensByPart {
  const tokens: Record<PromptPart, number> = {
    ...noTokens,
    framing: framingOfPrompt + framingOfMessage * messages.length,
  };
  for (const section of gathered(messages).flatMap(sectionsOf)) {
    const scan = scanUnits(section);
    const weighed = weigh(scan);
    tokens[weighed.scriptClass] += Math.min(weighed.tokens, scan.bytes);
  }
  for (const part of promptParts) tokens[part] = Math.round(tokens[part]);
  return tokens;
}

const mostSmall = 200;
const leastSection = 1000;
const mostSection = 8000;

/** Small messages that follow each other as one text: what a look at each costs is not worth what it tells. */
function gathered(messages: readonly SentMessage[]): readonly string[] {
  const texts: string[] = [];
  let small: string[] = [];
  let length = 0;
  for (const { content } of messages) {
    const isSmall = content.length < mostSmall;
    if (isSmall) small.push(content);
    length += content.length;
    if (isSmall && length < leastSection) continue;
    if (small.length > 0) texts.push(small.join("\n"));
    if (!isSmall) texts.push(content);
    small = [];
    length = 0;
  }
  return small.length === 0 ? texts : [...texts, small.join("\n")];
}

/** Some lines at a time, since a message may hold prose and code. */
function sectionsOf(text: string): readonly string[] {
  const sections: string[] = [];
  for (let from = 0; from < text.length; ) {
    const section = text.slice(from, from + mostSection);
    const newline = section.indexOf("\n", leastSection);
    const length = newline < 0 ? section.length : newline + 1;
    sections.push(section.slice(0, length));
    from += length;
  }
  return sections;
}
