import { retryAfterSeconds } from "../../domain/text/retry-after.ts";
import type { SendResult } from "../../domain/webhook/retry-schedule.ts";
import { signedText, webhookHeaders } from "../../domain/webhook/signature.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Resolver } from "../../ports/resolver.ts";
import type { Signer } from "../../ports/signer.ts";
import type { WebhookMessage, WebhookSender } from "../../ports/webhook-sender.ts";
import { readExcerpt } from "./read-excerpt.ts";
import { vetUrl } from "./vet-url.ts";

export interface SenderConfig {
  readonly resolver: Resolver;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly isLoopbackAllowed: boolean;
  /** For all of an attempt: the check, the request and the answer. */
  readonly timeoutMs: number;
  /** Stands in for the global one, to see what is sent. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

const userAgent = "Pantheon-Webhooks/1";

export function createWebhookSender(config: SenderConfig): WebhookSender {
  const checkUrl: WebhookSender["checkUrl"] = (url) => vetUrl(url, config, config.resolver);
  return {
    checkUrl,
    async send(message) {
      const signal = AbortSignal.timeout(config.timeoutMs);
      const verdict = await checkUrl(message.url);
      return verdict.kind === "refused" ? verdict : post(config, message, signal);
    },
  };
}

async function post(config: SenderConfig, message: WebhookMessage, signal: AbortSignal): Promise<SendResult> {
  const send = config.fetch ?? ((url, init) => fetch(url, init));
  const startedAt = config.clock.now();
  const headers = {
    "content-type": "application/json",
    "user-agent": userAgent,
    ...(await signedHeaders(config.signer, message, startedAt)),
  };
  try {
    const init = { method: "POST", headers, body: message.body, redirect: "manual", signal } as const;
    const response = await send(message.url, init);
    const now = config.clock.now().getTime();
    return {
      kind: "answered",
      status: response.status,
      latencyMs: Math.max(0, now - startedAt.getTime()),
      retryAfterSeconds: retryAfterSeconds(response.headers.get("retry-after"), now),
      excerpt: await readExcerpt(response),
    };
  } catch {
    return { kind: "failed", reason: signal.aborted ? "it did not answer in time" : "it could not be reached" };
  }
}

async function signedHeaders(signer: Signer, { id, body, secrets }: WebhookMessage, now: Date) {
  const content = { id, timestampSeconds: Math.floor(now.getTime() / 1000), body };
  const signatures = await Promise.all(secrets.map((secret) => signer.sign(secret, signedText(content))));
  return webhookHeaders(content, signatures);
}
