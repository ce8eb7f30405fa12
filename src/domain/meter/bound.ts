import { utf8Bytes } from "../text/utf8.ts";
import { creditUnits, oeHundredths } from "./charge.ts";

export interface BoundedCall {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly multiplierMilli: number;
}

/** Role marks and separators that a chat template puts around each message, the reply's own opening included. */
export const overheadTokensPerMessage = 16;

/** No token is shorter than a byte, so bytes bound a prompt's tokens whatever the tokenizer. */
export function maxPromptTokens(messages: readonly { readonly content: string }[]): number {
  const bytes = messages.reduce((sum, { content }) => sum + utf8Bytes(content), 0);
  return bytes + (messages.length + 1) * overheadTokensPerMessage;
}

/** The most that a call within its bounds can charge: every prompt token at the dearest prompt price. */
export function maxUnits({ promptTokens, outputTokens, multiplierMilli }: BoundedCall): bigint {
  const most = { freshTokens: BigInt(promptTokens), cachedTokens: 0n, outputTokens: BigInt(outputTokens) };
  return creditUnits(oeHundredths(most), BigInt(multiplierMilli));
}
