import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";

const lifetimeSeconds = 300;

export interface SignatureInput {
  readonly url: string;
  readonly body: Uint8Array;
  readonly key: string;
  readonly wallMs: number;
}

/** The JWT that comes with one attempt. */
export function signAttempt({ url, body, key, wallMs }: SignatureInput): Promise<string> {
  const issuedAt = Math.floor(wallMs / 1000);
  return new SignJWT({ body: hashBody(body) })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(url)
    .setIssuedAt(issuedAt)
    .setNotBefore(0)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(`jwt_${randomUUID()}`)
    .sign(new TextEncoder().encode(key));
}

/** base64url with its padding, as the service sends it; its SDK strips the padding on both sides. */
function hashBody(body: Uint8Array): string {
  const hash = createHash("sha256").update(body).digest("base64url");
  return hash.padEnd(Math.ceil(hash.length / 4) * 4, "=");
}
