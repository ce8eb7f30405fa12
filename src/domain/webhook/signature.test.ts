import { describe, expect, it } from "vitest";
import { formatSecret, keyOf, secretsInForce, signedText, webhookHeaders } from "./signature.ts";

const content = { id: "msg_1", timestampSeconds: 1_614_265_330, body: '{"test": 2432232314}' };

describe("a webhook's signature", () => {
  it("is made of id, time and body", () => {
    expect(signedText(content)).toBe('msg_1.1614265330.{"test": 2432232314}');
  });

  it("goes out in three headers, one signature for each secret in force", () => {
    expect(webhookHeaders(content, ["AAA=", "BBB="])).toEqual({
      "webhook-id": "msg_1",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,AAA= v1,BBB=",
    });
  });
});

describe("a secret", () => {
  it("says what it is, and gives its key back", () => {
    expect(formatSecret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toBe("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    expect(keyOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toBe("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    expect(keyOf("MfKQ")).toBe("MfKQ");
  });

  it("is joined by the one before until that one expires, not a moment longer", () => {
    const expiresAt = new Date("2026-11-22T00:00:00.000Z");
    const secrets = { secret: "new", previous: { secret: "old", expiresAt } };
    expect(secretsInForce(secrets, new Date("2026-11-21T23:59:59.999Z"))).toEqual(["new", "old"]);
    expect(secretsInForce(secrets, expiresAt)).toEqual(["new"]);
    expect(secretsInForce({ secret: "new", previous: null }, expiresAt)).toEqual(["new"]);
  });
});
