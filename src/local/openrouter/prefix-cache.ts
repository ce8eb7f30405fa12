import { digest } from "./stable-hash.ts";
import { countTokens } from "./tokens.ts";
import { type ChatRequest, textOf } from "./wire.ts";

const BLOCK_TOKENS = 64;
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_ATTACHMENT = 85;
const REMEMBERED_PREFIXES = 50_000;

export interface PromptCount {
  readonly prompt: number;
  readonly cached: number;
  readonly cacheWritten: number;
}

export interface PrefixCache {
  count(request: ChatRequest): PromptCount;
  clear(): void;
}

/** Reports what a provider's prompt cache would: whole blocks of the longest run of messages seen before. */
export function createPrefixCache(): PrefixCache {
  const tokensByPrefix = new Map<string, number>();
  return {
    count(request) {
      const prefixes = measurePrefixes(request, tokensByPrefix);
      const prompt = prefixes.at(-1)?.tokens ?? 0;
      const cached = cachedTokens(prefixes, prompt);
      const cacheWritten = writtenTokens(request, prefixes, cached);
      for (const { key, tokens } of prefixes) remember(tokensByPrefix, key, tokens);
      return { prompt, cached, cacheWritten };
    },
    clear: () => tokensByPrefix.clear(),
  };
}

interface Prefix {
  readonly key: string;
  readonly tokens: number;
  readonly isKnown: boolean;
}

function measurePrefixes(request: ChatRequest, known: ReadonlyMap<string, number>): Prefix[] {
  const prefixes: Prefix[] = [];
  let key = digest(request.model);
  let tokens = 3;
  for (const piece of promptPieces(request)) {
    key = digest(key, piece.text);
    const remembered = known.get(key);
    tokens = remembered ?? tokens + countTokens(piece.text) + piece.overhead;
    prefixes.push({ key, tokens, isKnown: remembered !== undefined });
  }
  return prefixes;
}

/** Tools and the response schema come first in a provider's prompt, so changing them breaks the whole prefix. */
function promptPieces(request: ChatRequest): { text: string; overhead: number }[] {
  const pieces = [];
  if (request.tools?.length) pieces.push({ text: JSON.stringify(request.tools), overhead: 0 });
  if (request.response_format?.type === "json_schema") {
    pieces.push({ text: JSON.stringify(request.response_format.json_schema), overhead: 0 });
  }
  for (const message of request.messages) {
    const calls = message.tool_calls?.length ? JSON.stringify(message.tool_calls) : "";
    const text = [message.role, message.name ?? "", textOf(message), calls].filter(Boolean).join("\n");
    pieces.push({ text, overhead: TOKENS_PER_MESSAGE + attachments(message.content) * TOKENS_PER_ATTACHMENT });
  }
  return pieces;
}

function attachments(content: ChatRequest["messages"][number]["content"]): number {
  return Array.isArray(content) ? content.filter((part) => part.type !== "text").length : 0;
}

function cachedTokens(prefixes: readonly Prefix[], prompt: number): number {
  const longest = prefixes.findLast((prefix) => prefix.isKnown)?.tokens ?? 0;
  return wholeBlocks(Math.min(longest, prompt - 1));
}

/** Only an explicit breakpoint writes to a paid cache. */
function writtenTokens(request: ChatRequest, prefixes: readonly Prefix[], cached: number): number {
  const breakpoint = request.messages.findLastIndex(hasBreakpoint);
  if (breakpoint < 0) return 0;
  const end = prefixes.at(breakpoint - request.messages.length)?.tokens ?? 0;
  return Math.max(0, wholeBlocks(end) - cached);
}

function hasBreakpoint(message: ChatRequest["messages"][number]): boolean {
  if (!Array.isArray(message.content)) return false;
  return message.content.some((part) => part.cache_control !== undefined && part.cache_control !== null);
}

function wholeBlocks(tokens: number): number {
  return Math.max(0, Math.floor(tokens / BLOCK_TOKENS) * BLOCK_TOKENS);
}

function remember(tokensByPrefix: Map<string, number>, key: string, tokens: number): void {
  tokensByPrefix.delete(key);
  tokensByPrefix.set(key, tokens);
  const oldest = tokensByPrefix.keys().next();
  if (tokensByPrefix.size > REMEMBERED_PREFIXES && !oldest.done) tokensByPrefix.delete(oldest.value);
}
