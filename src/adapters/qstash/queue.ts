import { Client, QstashError } from "@upstash/qstash";
import { PantheonError } from "../../contract/errors.ts";
import type { Queue, QueueMessage } from "../../ports/queue.ts";

export interface QueueOptions {
  readonly qstashUrl: string;
  readonly token: string;
  readonly publicBaseUrl: string;
  /** How long QStash waits for a door's answer. */
  readonly stepTimeoutSeconds: number;
  readonly retries: number;
  /** The bound on a whole publish, retry included. */
  readonly fetchTimeoutMs: number;
}

type BatchMessage = Parameters<Client["batch"]>[0][number];

/** Milliseconds: three retries reach beyond a lease; what they do not bring, the sweep does. */
export const retryDelay = "min(300000, 5000 * pow(5, retried))";

const longestPublishMs = 1000;
const networkRetry = { retries: 1, backoff: () => 50 };

export function createQueue(options: QueueOptions): Queue {
  assertLaw(options);
  const client = new Client({
    baseUrl: options.qstashUrl,
    token: options.token,
    retry: networkRetry,
    enableTelemetry: false,
    // Without this the SDK obeys QSTASH_DEV and publishes to a well-known local server with a well-known token.
    devMode: false,
  });
  return {
    async publish(messages) {
      if (messages.length === 0) return;
      const batch = messages.map((message) => toBatchMessage(options, message));
      const results = await withinDeadline(client.batch(batch), options.fetchTimeoutMs).catch(failUnavailable);
      if (results.length === messages.length && results.every(isAccepted)) return;
      throw new PantheonError("dependency_unavailable", "The queue did not accept every message.");
    },
  };
}

function assertLaw({ token, fetchTimeoutMs }: QueueOptions): void {
  // An empty token would make the SDK look for one in the environment.
  if (token === "") throw new PantheonError("internal", "The queue's token is empty.");
  if (fetchTimeoutMs > longestPublishMs) {
    throw new PantheonError("internal", `A publish may take at most ${longestPublishMs} ms, not ${fetchTimeoutMs}.`);
  }
}

function toBatchMessage(options: QueueOptions, message: QueueMessage): BatchMessage {
  const { stepTimeoutSeconds, retries } = options;
  return {
    url: `${options.publicBaseUrl.replace(/\/+$/, "")}/internal/${message.door}`,
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

function failUnavailable(cause: unknown): never {
  const status = cause instanceof QstashError && cause.status !== undefined ? ` (status ${cause.status})` : "";
  throw new PantheonError("dependency_unavailable", `The queue is not available${status}.`, { cause });
}

function isAccepted(result: object): boolean {
  return "messageId" in result && typeof result.messageId === "string";
}
