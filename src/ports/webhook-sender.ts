import type { CheckedUrl } from "../domain/webhook/check-url.ts";
import type { SendResult } from "../domain/webhook/retry-schedule.ts";

export interface WebhookMessage {
  readonly id: string;
  readonly url: string;
  /** JSON, signed and sent byte for byte. */
  readonly body: string;
  /** Those in force, the newest first; each gives a signature. */
  readonly secrets: readonly string[];
}

export type UrlVerdict =
  | Extract<CheckedUrl, { readonly kind: "allowed" }>
  | { readonly kind: "refused"; readonly reason: string };

export interface WebhookSender {
  /** By its text, then by what its name resolves to at this moment. */
  checkUrl(url: string): Promise<UrlVerdict>;
  /** One POST, or none: the address is checked again right before. Never throws for what a receiver does. */
  send(message: WebhookMessage): Promise<SendResult>;
}
