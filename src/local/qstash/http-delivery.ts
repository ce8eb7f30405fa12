import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Deliver } from "./core-state.ts";
import type { Answer, Message } from "./message.ts";
import { signAttempt } from "./signature.ts";

export interface HttpDeliveryOptions {
  readonly currentKey: () => string;
  readonly wall: () => number;
  /** Cuts every attempt in flight. */
  readonly signal: AbortSignal;
}

const longestAttemptMs = 15 * 60_000;
const bodylessMethods = ["GET", "HEAD"];

/** Sends attempts over HTTP, each freshly signed; a redirect is an answer like any other. */
export function createHttpDelivery(options: HttpDeliveryOptions): Deliver {
  return async ({ message }) => {
    const body = Buffer.from(message.bodyBase64, "base64");
    const { currentKey, wall } = options;
    const signature = await signAttempt({ url: message.url, body, key: currentKey(), wallMs: wall() });
    const timeout = AbortSignal.timeout(message.timeoutMs ?? longestAttemptMs);
    const signal = AbortSignal.any([timeout, options.signal]);
    return send({ message, headers: attemptHeaders(message, signature), body, signal });
  };
}

interface Sending {
  readonly message: Message;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

function attemptHeaders(message: Message, signature: string): Sending["headers"] {
  return {
    ...message.header,
    "User-Agent": "Upstash-QStash",
    "Upstash-Signature": signature,
    "Upstash-Message-Id": message.messageId,
    "Upstash-Retried": String(message.retried),
  };
}

function send({ message, headers, body, signal }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const hasBody = !bodylessMethods.includes(message.method);
    const length = hasBody ? { "Content-Length": String(body.byteLength) } : {};
    const outgoing = request(message.url, { method: message.method, headers: { ...headers, ...length }, signal });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => void readAnswer(response).then(resolve, reject));
    outgoing.end(hasBody ? body : undefined);
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const body = await buffer(response);
  const header: Record<string, string[]> = {};
  for (const [name, values] of Object.entries(response.headersDistinct)) header[name] = values ?? [];
  return { kind: "response", status: response.statusCode ?? 0, header, bodyBase64: body.toString("base64") };
}
