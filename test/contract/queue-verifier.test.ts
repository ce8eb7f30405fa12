import { createHash } from "node:crypto";
import { Receiver } from "@upstash/qstash";
import { base64url, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createQueueVerifier } from "../../src/adapters/qstash/verifier.ts";
import { currentSigningKey, nextSigningKey, startBench } from "../local/qstash-harness.ts";

const url = "https://pantheon.example/internal/steps";
const body = '{"turn_id":"é"}';
const nowSeconds = () => Math.floor(Date.now() / 1000);
const verifier = createQueueVerifier({ currentSigningKey, nextSigningKey });

interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly alg?: string;
  readonly key?: string;
}

/** What QStash would sign, but for what the case changes; a claim set to undefined is left out. */
function sign({ claims = {}, alg = "HS256", key = currentSigningKey }: Forgery = {}): Promise<string> {
  const digest = createHash("sha256").update(body).digest("base64url");
  const genuine = { iss: "Upstash", sub: url, iat: nowSeconds(), nbf: 0, exp: nowSeconds() + 300, body: `${digest}=` };
  const payload = Object.fromEntries(
    Object.entries({ ...genuine, ...claims }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(payload).setProtectedHeader({ alg, typ: "JWT" }).sign(new TextEncoder().encode(key));
}

async function verdictOn(forgery: Forgery): Promise<string> {
  return verifier.verify({ signature: await sign(forgery), body, url });
}

describe("the queue verifier", () => {
  it("takes what QStash signs", async () => {
    expect(await verdictOn({})).toBe("valid");
  });

  it("takes a body hash with and without padding", async () => {
    const bare = createHash("sha256").update(body).digest("base64url");
    expect(await verdictOn({ claims: { body: bare } })).toBe("valid");
  });

  it("takes the next key, for messages signed on the other side of a rotation", async () => {
    expect(await verdictOn({ key: nextSigningKey })).toBe("valid");
  });

  it.each<[string, Forgery]>([
    ["a key that is not ours", { key: "sig_someone_elses_key_0123456789" }],
    ["another issuer", { claims: { iss: "upstash" } }],
    ["no issuer", { claims: { iss: undefined } }],
    ["another address", { claims: { sub: "https://pantheon.example/internal/deliveries" } }],
    ["no address", { claims: { sub: undefined } }],
    ["no body claim", { claims: { body: undefined } }],
    ["a body claim that is no text", { claims: { body: 7 } }],
    ["the hash of another body", { claims: { body: createHash("sha256").update("x").digest("base64url") } }],
    ["no expiry", { claims: { exp: undefined } }],
    ["an expiry that is no number", { claims: { exp: "soon" } }],
    ["no nbf", { claims: { nbf: undefined } }],
    ["an nbf in the future", { claims: { nbf: nowSeconds() + 3600 } }],
    ["HS384", { alg: "HS384" }],
    ["HS512", { alg: "HS512" }],
  ])("refuses %s", async (_what, forgery) => {
    expect(await verdictOn(forgery)).toBe("invalid");
  });

  it("refuses alg none", async () => {
    const [, payload] = (await sign()).split(".");
    const header = base64url.encode(JSON.stringify({ alg: "none", typ: "JWT" }));
    expect(await verifier.verify({ signature: `${header}.${payload}.`, body, url })).toBe("invalid");
  });

  it.each([undefined, "", "not.a.token", "a.b", "\u0000"])("refuses the signature %j", async (signature) => {
    expect(await verifier.verify({ signature, body, url })).toBe("invalid");
  });

  it("refuses a changed body, and the same body one byte longer", async () => {
    const signature = await sign();
    expect(await verifier.verify({ signature, body: body.replace("é", "e"), url })).toBe("invalid");
    expect(await verifier.verify({ signature, body: `${body} `, url })).toBe("invalid");
  });

  it("tells an expired token from a forged one", async () => {
    const past = { iat: nowSeconds() - 900, exp: nowSeconds() - 600 };
    expect(await verdictOn({ claims: past })).toBe("expired");
    expect(await verdictOn({ claims: past, key: nextSigningKey })).toBe("expired");
    expect(await verdictOn({ claims: past, key: "sig_someone_elses_key_0123456789" })).toBe("invalid");
    expect(await verdictOn({ claims: { ...past, sub: "https://elsewhere.example/" } })).toBe("invalid");
    expect(await verdictOn({ claims: { ...past, body: "AAAA" } })).toBe("invalid");
  });

  it.each([-60, -59, 59, 60])("does not mind a sender's clock that is %i s off", async (skew) => {
    const issuedAt = nowSeconds() + skew;
    expect(await verdictOn({ claims: { iat: issuedAt, exp: issuedAt + 300 } })).toBe("valid");
  });

  it("does not mind sixty seconds at either edge of the token's life", async () => {
    expect(await verdictOn({ claims: { exp: nowSeconds() - 50 } })).toBe("valid");
    expect(await verdictOn({ claims: { exp: nowSeconds() - 70 } })).toBe("expired");
    expect(await verdictOn({ claims: { nbf: nowSeconds() + 50 } })).toBe("valid");
    expect(await verdictOn({ claims: { nbf: nowSeconds() + 70 } })).toBe("invalid");
  });

  it.each([undefined, ""])("is closed when both keys are %j, even to a token signed with nothing", async (key) => {
    const closed = createQueueVerifier({ currentSigningKey: key, nextSigningKey: key });
    expect(await closed.verify({ signature: await sign(), body, url })).toBe("invalid");
    expect(await closed.verify({ signature: undefined, body, url })).toBe("invalid");
  });

  it("works with one key alone", async () => {
    const single = createQueueVerifier({ currentSigningKey: undefined, nextSigningKey: currentSigningKey });
    expect(await single.verify({ signature: await sign(), body, url })).toBe("valid");
  });

  it("is stricter than the official Receiver, which takes HS512 and a token without expiry", async () => {
    const receiver = new Receiver({ currentSigningKey, nextSigningKey, devMode: false });
    for (const forgery of [{ alg: "HS512" }, { claims: { exp: undefined } }]) {
      expect(await receiver.verify({ signature: await sign(forgery), body, url })).toBe(true);
      expect(await verdictOn(forgery)).toBe("invalid");
    }
  });

  it("takes what the stand-in delivers, before and after a rotation, and only at its own address", async () => {
    const { client, destination, call } = await startBench();
    const target = `${destination.url}/internal/steps`;
    await client.publish({ url: target, body });
    await destination.arrived(1);
    await call("POST", "/v2/keys/rotate");
    await client.publish({ url: target, body });
    const verdicts = (await destination.arrived(2)).map(async ({ headers, body: received }) => {
      const signature = String(headers["upstash-signature"]);
      const here = await verifier.verify({ signature, body: received, url: target });
      return [here, await verifier.verify({ signature, body: received, url })];
    });
    expect(await Promise.all(verdicts)).toEqual([
      ["valid", "invalid"],
      ["valid", "invalid"],
    ]);
  });
});
