import { creditUnits, oeHundredths } from "./charge.ts";

export interface PlannedCall {
  /** UTF-8 bytes of everything that is sent: message contents, and the schemas of tools if there are any. */
  readonly promptBytes: number;
  readonly messageCount: number;
  readonly maxOutputTokens: number;
  readonly multiplierMilli: bigint;
}

/** Role marks and separators that a chat template puts around each message, the reply's own opening included. */
export const overheadTokensPerMessage = 16;

/** No token is shorter than a byte, so bytes bound a prompt's tokens whatever the tokenizer. */
export function worstCasePromptTokens(call: Pick<PlannedCall, "promptBytes" | "messageCount">): bigint {
  return BigInt(call.promptBytes) + BigInt((call.messageCount + 1) * overheadTokensPerMessage);
}

/** The most that a call within its bounds can charge: every prompt token at the dearest prompt price. */
export function worstCaseUnits(call: PlannedCall): bigint {
  const worst = {
    freshTokens: worstCasePromptTokens(call),
    cachedTokens: 0n,
    outputTokens: BigInt(call.maxOutputTokens),
  };
  return creditUnits(oeHundredths(worst), call.multiplierMilli);
}
