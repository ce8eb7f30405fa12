import type { Measured, PromptPart, TokensByPart } from "./estimate.ts";
import { measureText, promptParts } from "./estimate.ts";

/** How many of a model's tokens one token of the base estimate is, by what the text is. */
export type TokenRatios = Readonly<Record<PromptPart, number>>;

export const unknownRatios: TokenRatios = {
  english: 1,
  latin: 1,
  code: 1,
  han: 1,
  kana: 1,
  hangul: 1,
  other: 1,
  framing: 1,
};

const minRatio = 0.25;
export const maxRatio = 4;

export function clampRatio(ratio: number): number {
  return Math.max(minRatio, Math.min(maxRatio, ratio));
}

/** From stored JSON; what it does not say, or says oddly, is 1. */
export function toTokenRatios(json: unknown): TokenRatios {
  const given: Readonly<Record<string, unknown>> = typeof json === "object" && json !== null ? { ...json } : {};
  const ratios: Record<PromptPart, number> = { ...unknownRatios };
  for (const part of promptParts) {
    const ratio = given[part];
    if (typeof ratio === "number" && Number.isFinite(ratio)) ratios[part] = clampRatio(ratio);
  }
  return ratios;
}

/** Of its ratios the one by which a model makes the fewest tokens of a text, and the one by which it makes the most. */
export function ratioRange(json: unknown): { readonly least: number; readonly most: number } {
  const ratios = toTokenRatios(json);
  const all = promptParts.map((part) => ratios[part]);
  return { least: Math.min(...all), most: Math.max(...all) };
}

/** A message as it is stored; one from before there were classes has none. */
export interface StoredMeasure {
  readonly tokens: number;
  readonly bytes: number;
  readonly scriptClass: string | null;
}

/** What a model makes of a text; never more than its bytes. */
export function calibratedTokens(measured: Measured | StoredMeasure, ratios: TokenRatios): number {
  const part = promptParts.find((known) => known === measured.scriptClass);
  const ratio = part === undefined ? 1 : ratios[part];
  return Math.max(1, Math.min(measured.bytes, Math.ceil(measured.tokens * ratio)));
}

/** What a model makes of a text that is counted here and now. */
export function tokensFor(reader: { readonly token_ratios?: TokenRatios | null }, text: string): number {
  return calibratedTokens(measureText(text), toTokenRatios(reader.token_ratios));
}

/** What a model makes of a whole prompt. */
export function calibratedPromptTokens(tokens: TokensByPart, ratios: TokenRatios): number {
  return Math.ceil(promptParts.reduce((sum, part) => sum + tokens[part] * ratios[part], 0));
}
