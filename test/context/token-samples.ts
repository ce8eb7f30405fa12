import { readFileSync } from "node:fs";
import { encode as encodeCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as encodeO200k } from "gpt-tokenizer/encoding/o200k_base";
import { countTokens } from "../../src/local/openrouter/tokens.ts";

export interface Sample {
  readonly kind: SampleKind;
  readonly name: string;
  readonly text: string;
}

export const sampleKinds = ["prose", "code", "cjk"] as const;
export type SampleKind = (typeof sampleKinds)[number];

const folder = new URL("../fixtures/token-samples/", import.meta.url);

/** None of them was used to fit the prices of the estimate. */
export const samples: readonly Sample[] = sampleKinds.flatMap(readSamples);

export interface Tokenizer {
  readonly name: string;
  /** What a provider with this tokenizer puts around each message. */
  readonly framing: number;
  count(text: string): number;
}

const asPlainText = { disallowedSpecial: new Set<string>() };
const standIn: Tokenizer = { name: "the stand-in's", framing: 6, count: countTokens };

export const tokenizers: readonly Tokenizer[] = [
  standIn,
  { name: "o200k", framing: 4, count: (text) => encodeO200k(text, asPlainText).length },
  { name: "cl100k", framing: 4, count: (text) => encodeCl100k(text, asPlainText).length },
  scaled(standIn, 1.3),
  scaled(standIn, 0.7),
];

function scaled(tokenizer: Tokenizer, factor: number): Tokenizer {
  return {
    name: `${tokenizer.name} times ${factor}`,
    framing: Math.round(tokenizer.framing * factor),
    count: (text) => Math.round(tokenizer.count(text) * factor),
  };
}

function readSamples(kind: SampleKind): readonly Sample[] {
  const file = readFileSync(new URL(`${kind}.txt`, folder), "utf8");
  return file
    .split(/^=== /m)
    .slice(1)
    .map((block) => {
      const end = block.indexOf("\n");
      return { kind, name: block.slice(0, end), text: block.slice(end + 1).trimEnd() };
    });
}
