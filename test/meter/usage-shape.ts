/** What the ledger must say of a shape; what is left out is zero, unknown or false. */
export interface Metered {
  readonly fresh?: number;
  readonly cached?: number;
  readonly output?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
  readonly costUsdPico?: bigint;
  readonly isEstimated?: boolean;
  /** The alias's multiplier in thousandths; 1000 when left out. */
  readonly multiplierMilli?: bigint;
  readonly oe: string;
  readonly credits: string;
}

export interface UsageShape {
  readonly name: string;
  /** The answer's body, as its bytes arrive. */
  readonly wire: string | Uint8Array;
  readonly status?: number;
  /** The connection breaks after the last byte. */
  readonly isAborted?: boolean;
  /** The client library stops at the first event that it cannot read, so what comes after may never be fetched. */
  readonly isLeftEarly?: boolean;
  readonly metered: Metered;
}

/** What every shape answers; a cost that is not reported is estimated from these two messages: 4 + 7 tokens. */
export const messages = [
  { role: "system", content: "You are Ada." },
  { role: "user", content: "Why is the sky blue?" },
] as const;

export const helloUsage = '{"prompt_tokens":150,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":50}}';
export const helloMetered: Metered = { fresh: 100, cached: 50, output: 10, oe: "50", credits: "0.005" };
export const done = "[DONE]";

const head = '"id":"gen-1","object":"chat.completion.chunk","created":1795237200,"model":"vendor/model"';

/** A stream of these events, each with the blank line that ends it. */
export function stream(...events: readonly string[]): string {
  return events.map((event) => `data: ${event}\n\n`).join("");
}

export function says(content: string, usage?: string): string {
  const delta = JSON.stringify({ role: "assistant", content });
  return `{${head},"choices":[{"index":0,"delta":${delta},"finish_reason":null}]${beside(usage)}}`;
}

export function stops(usage?: string, reason = "stop"): string {
  const choice = `{"index":0,"delta":{"content":""},"finish_reason":"${reason}","logprobs":null}`;
  return `{${head},"choices":[${choice}]${beside(usage)}}`;
}

export function counts(usage: string): string {
  return `{${head},"choices":[]${beside(usage)}}`;
}

/** A whole reply whose usage comes last, as most providers send it. */
export function reply(usage: string): string {
  return stream(says("Hel"), says("lo"), stops(), counts(usage), done);
}

/** A whole reply that was not streamed. */
export function body(usage: string): string {
  const choice = '{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null},"finish_reason":"stop"}';
  return `{"id":"gen-1","object":"chat.completion","model":"vendor/model","choices":[${choice}],"usage":${usage}}`;
}

function beside(usage: string | undefined): string {
  return usage === undefined ? "" : `,"usage":${usage}`;
}
