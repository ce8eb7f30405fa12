import type { MessageAuthor } from "../context/window.ts";
import type { PlannedAgent } from "../plan/plan.ts";
import { quotedBody, quoteFailure, quoteMessage, quoteSummary } from "../speaker/quote.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { calibratedTokens, maxRatio, type TokenRatios, toTokenRatios } from "../tokens/calibrate-ratios.ts";
import { framingOfMessage, measureText } from "../tokens/estimate.ts";

interface CountedText {
  readonly text: string;
  readonly tokens: number;
  /** Null: from before there were classes. */
  readonly token_class: string | null;
}

/** How one model counts what it reads. */
export interface TokenCounter {
  /** What it makes of a text that was counted when it was said. */
  textTokens(said: CountedText): number;
  /** What goes around an author's words in a prompt. */
  wrapperTokens(author: MessageAuthor): number;
}

export function toTokenCounter({ key, token_ratios }: Pick<PlannedAgent, "key" | "token_ratios">): TokenCounter {
  const ratios = token_ratios == null ? null : toTokenRatios(token_ratios);
  const frames = new Map<string, number>();
  return {
    textTokens: (said) => (ratios === null ? said.tokens : recounted(said, ratios)),
    wrapperTokens(author) {
      const name = nameOf(author);
      const known = frames.get(name);
      if (known !== undefined) return known;
      const tokens = wrapperTokens(author, { key, ratios });
      frames.set(name, tokens);
      return tokens;
    },
  };
}

// Its bytes bound a count from above, and it has no fewer than units: where those are enough, nobody need measure them.
function recounted({ tokens, token_class, text }: CountedText, ratios: TokenRatios): number {
  const stored = { tokens, bytes: Number.POSITIVE_INFINITY, scriptClass: token_class };
  const counted = calibratedTokens(stored, ratios);
  return counted <= text.length ? counted : Math.max(1, Math.min(counted, utf8Bytes(quotedBody(text))));
}

/** Whoever the reader is, since no token is shorter than a byte. */
export function maxFrameTokens(author: MessageAuthor): number {
  const framing = Math.ceil((joinTokens + 2 * framingOfMessage) * maxRatio);
  return framing + utf8Bytes(quoteOf(author, null) ?? "");
}

function nameOf(author: MessageAuthor): string {
  if (!("key" in author)) return author.kind;
  const errorType = author.kind === "failed_agent" ? author.errorType : "";
  return `${author.kind}\n${author.key}\n${errorType}\n${author.name}`;
}

/** Between what is joined. */
const joinTokens = 2;

function wrapperTokens(
  author: MessageAuthor,
  { key, ratios }: { readonly key: string; readonly ratios: TokenRatios | null },
): number {
  const quote = quoteOf(author, key);
  const ownTurn = quote === null && author.kind !== "user" ? 2 * framingOfMessage : 0;
  const framing = Math.ceil((joinTokens + ownTurn) * (ratios?.framing ?? 1));
  return framing + (quote === null ? 0 : calibratedTokens(measureText(quote), ratios ?? noRatios));
}

const noRatios = toTokenRatios(null);

/** Null: an agent's own words open a message and end it, and the user's stand as they are. */
function quoteOf(author: MessageAuthor, reader: string | null): string | null {
  switch (author.kind) {
    case "user":
      return null;
    case "summary":
      return quoteSummary("");
    case "failed_agent":
      return quoteFailure(author, "");
    case "agent":
      return author.key === reader ? null : quoteMessage(author, "");
  }
}
