import { Client, QstashError } from "@upstash/qstash";
import { PantheonError } from "../../contract/errors.ts";
import type { Queue, QueueMessage } from "../../ports/queue.ts";
import { wordsOfRefusal, wordsOfResult } from "./refusal.ts";

export interface QueueOptions {
  readonly qstashUrl: string;
  readonly token: string;
  readonly publicBaseUrl: string;
  /** How long QStash waits for an entrypoint's answer. */
  readonly stepTimeoutSeconds: number;
  readonly retries: number;
  /** The bound on a whole publish, retry included. */
  readonly fetchTimeoutMs: number;
}

type BatchMessage = Parameters<Client["batch"]>[0][number];

/** Milliseconds: three retries reach beyond a lease; what they do not bring, the sweep does. */
export const retryDelay = "min(300000, 5000 * pow(5, retried))";

const networkRetry = { retries: 1, backoff: () => 50 };

export interface QstashQueue extends Queue {
  /** Why the queue refused what this isolate published last; null when it did not. */
  refusal(): string | null;
}

export function createQueue(options: QueueOptions): QstashQueue {
  assertLaw(options);
  const client = new Client({
    baseUrl: options.qstashUrl,
    token: options.token,
    retry: networkRetry,
    enableTelemetry: false,
    // Without this the SDK obeys QSTASH_DEV and publishes to a well-known local server with a well-known token.
    devMode: false,
  });
  let refusal: string | null = null;
  return {
    refusal: () => refusal,
    async publish(messages) {
      if (messages.length === 0) return;
      const batch = messages.map((message) => toBatchMessage(options, message));
      const failure = await withinDeadline(client.batch(batch), options.fetchTimeoutMs).then(
        (results) => failureOfResults(results, messages.length, options.token),
        (cause: unknown) => toFailure(cause, options.token),
      );
      if (failure === null || failure.details.refusal !== undefined) refusal = failure?.details.refusal ?? null;
      if (failure !== null) throw failure;
    },
  };
}

function assertLaw({ token }: QueueOptions): void {
  // An empty token would make the SDK look for one in the environment.
  if (token === "") throw new PantheonError("internal", "The queue's token is empty.");
}

function toBatchMessage(options: QueueOptions, message: QueueMessage): BatchMessage {
  const { stepTimeoutSeconds, retries } = options;
  return {
    url: `${options.publicBaseUrl.replace(/\/+$/, "")}/internal/${message.entrypoint}`,
    body: message.body,
    headers: { "Content-Type": "application/json" },
    deduplicationId: message.deduplicationId,
    timeout: stepTimeoutSeconds,
    retries,
    retryDelay,
    ...(message.delaySeconds === undefined ? {} : { delay: message.delaySeconds }),
  };
}

/** The SDK takes no abort signal: what outlives the deadline is abandoned, and its deduplication id makes it harmless. */
async function withinDeadline<Result>(work: Promise<Result>, deadlineMs: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

function toFailure(cause: unknown, token: string): PantheonError {
  const status = cause instanceof QstashError && cause.status !== undefined ? ` (status ${cause.status})` : "";
  const refusal = wordsOfRefusal(cause, token);
  const details = refusal === null ? { cause } : { cause, refusal };
  return new PantheonError("dependency_unavailable", `The queue is not available${status}.`, details);
}

function failureOfResults(results: readonly object[], count: number, token: string): PantheonError | null {
  const rejected = results.find((result) => !isAccepted(result));
  if (results.length === count && rejected === undefined) return null;
  const refusal = rejected === undefined ? null : wordsOfResult(rejected, token);
  const details = refusal === null ? {} : { refusal };
  return new PantheonError("dependency_unavailable", "The queue did not accept every message.", details);
}

function isAccepted(result: object): boolean {
  return "messageId" in result && typeof result.messageId === "string";
}
