/** What an endpoint signs with: its secret, and for a while after a rotation the one before. */
export interface SigningSecrets {
  readonly secret: string;
  readonly previous: { readonly secret: string; readonly expiresAt: Date } | null;
}

export interface WebhookContent {
  readonly id: string;
  readonly timestampSeconds: number;
  /** Byte for byte what is sent. */
  readonly body: string;
}

const prefix = "whsec_";

export function formatSecret(keyBase64: string): string {
  return prefix + keyBase64;
}

/** The key in base64, without the prefix that tells people what it is. */
export function keyOf(secret: string): string {
  return secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
}

/** The newest first; receivers take any that they know. */
export function secretsInForce({ secret, previous }: SigningSecrets, now: Date): readonly string[] {
  return previous !== null && previous.expiresAt > now ? [secret, previous.secret] : [secret];
}

/** Standard Webhooks: what the HMAC-SHA256 is made of. */
export function signedText({ id, timestampSeconds, body }: WebhookContent): string {
  return `${id}.${timestampSeconds}.${body}`;
}

/** One signature per secret in force, in base64. */
export function webhookHeaders(
  { id, timestampSeconds }: WebhookContent,
  signatures: readonly string[],
): Readonly<Record<string, string>> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatures.map((signature) => `v1,${signature}`).join(" "),
  };
}
