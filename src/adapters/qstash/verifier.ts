import { base64url, errors, type JWTPayload, jwtVerify } from "jose";
import type { DeliveryVerdict, QueueVerifier, SignedDelivery } from "../../ports/queue-verifier.ts";

export interface QueueVerifierOptions {
  readonly currentSigningKey: string | undefined;
  readonly nextSigningKey: string | undefined;
}

const clockToleranceSeconds = 60;

/**
 * jose alone, not the SDK's Receiver: that one accepts HS512 and tokens without `exp`, says "expired" only in prose, and
 * swaps our keys for published ones when QSTASH_DEV is set.
 */
export function createQueueVerifier(options: QueueVerifierOptions): QueueVerifier {
  const keys = [options.currentSigningKey, options.nextSigningKey].flatMap((key) =>
    key === undefined || key === "" ? [] : [new TextEncoder().encode(key)],
  );
  return {
    async verify(delivery) {
      for (const key of keys) {
        const verdict = await verifyWithKey(key, delivery);
        if (verdict !== "invalid") return verdict;
      }
      return "invalid";
    },
  };
}

async function verifyWithKey(key: Uint8Array, delivery: SignedDelivery): Promise<DeliveryVerdict> {
  if (delivery.signature === undefined) return "invalid";
  try {
    const { payload } = await jwtVerify(delivery.signature, key, {
      algorithms: ["HS256"],
      issuer: "Upstash",
      subject: delivery.url,
      requiredClaims: ["exp", "nbf", "body"],
      clockTolerance: clockToleranceSeconds,
    });
    return (await matchesBody(payload, delivery.body)) ? "valid" : "invalid";
  } catch (error) {
    // jose looks at the expiry last: only the body is left to check.
    const isOtherwiseValid = error instanceof errors.JWTExpired && (await matchesBody(error.payload, delivery.body));
    return isOtherwiseValid ? "expired" : "invalid";
  }
}

async function matchesBody(payload: JWTPayload, body: string): Promise<boolean> {
  if (typeof payload.body !== "string") return false;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  return isEqualInConstantTime(payload.body.replace(/=+$/, ""), base64url.encode(new Uint8Array(digest)));
}

function isEqualInConstantTime(left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  return difference === 0;
}
