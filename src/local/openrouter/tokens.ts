import { decode, encode } from "gpt-tokenizer/encoding/o200k_base";

/** Byte-pair merging is quadratic in a run's length, so no run longer than this reaches the tokenizer. */
const RUN = /\s{0,64}\S{1,64}|\s{1,64}/gu;

/** Text such as "<|endoftext|>" is text here; by default the tokenizer throws on it. */
const asPlainText = { disallowedSpecial: new Set<string>() };

export function countTokens(text: string): number {
  let count = 0;
  for (const [run] of text.matchAll(RUN)) count += encode(run, asPlainText).length;
  return count;
}

export interface Cut {
  readonly text: string;
  readonly tokens: number;
  readonly isCut: boolean;
}

/** The longest beginning of the text that has at most `limit` tokens. */
export function cutToTokens(text: string, limit: number): Cut {
  let tokens = 0;
  let end = 0;
  for (const [run] of text.matchAll(RUN)) {
    const encoded = encode(run, asPlainText);
    if (tokens + encoded.length > limit) {
      const tail = wholeCharacters(decode(encoded.slice(0, limit - tokens)));
      return { text: text.slice(0, end) + tail, tokens: limit, isCut: true };
    }
    tokens += encoded.length;
    end += run.length;
  }
  return { text, tokens, isCut: false };
}

function wholeCharacters(text: string): string {
  return text.replace(/\uFFFD+$/u, "");
}
