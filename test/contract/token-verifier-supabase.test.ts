import { createHmac, randomUUID } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { createTokenVerifier } from "../../src/adapters/supabase/token-verifier.ts";
import { eventually } from "../support/eventually.ts";
import { holdDeadlines } from "../support/held-deadlines.ts";
import { type SupabaseProject, startSupabaseProject, tokenTimeoutMs } from "./supabase-project.ts";

const keySetPath = "/auth/v1/.well-known/jwks.json";
const serverPath = "/auth/v1/user";
const signature = { kind: "invalid", reason: "signature" };
const unavailable = { code: "dependency_unavailable" };
const minute = 60_000;
const open: SupabaseProject[] = [];

async function start(): Promise<SupabaseProject> {
  const project = await startSupabaseProject();
  open.push(project);
  return project;
}

afterEach(async () => {
  for (const project of open.splice(0)) await project.stop();
});

function keySetLooks(project: SupabaseProject): number {
  return project.asked.filter((path) => path === keySetPath).length;
}

describe("the key cache", () => {
  it("fetches the keys once for many tokens, and again after ten minutes", async () => {
    const project = await start();
    for (let index = 0; index < 3; index += 1) await project.verifier.verify(await project.mint());
    expect(project.asked).toEqual([keySetPath]);
    project.advance(10 * minute);
    await project.verifier.verify(await project.mint());
    expect(project.asked).toEqual([keySetPath, keySetPath]);
  });

  it("goes on with the keys it has when the key set is away, asking every 30 s at most", async () => {
    const project = await start();
    const token = await project.mint();
    await project.verifier.verify(token);
    await project.setFaults({ jwks_down: true });
    project.advance(11 * minute);
    for (let index = 0; index < 3; index += 1) expect((await project.verifier.verify(token)).kind).toBe("valid");
    expect(keySetLooks(project)).toBe(2);
    project.advance(30_000);
    expect((await project.verifier.verify(token)).kind).toBe("valid");
    expect(keySetLooks(project)).toBe(3);
  });

  it("takes up a rotated key at once", async () => {
    const project = await start();
    await project.verifier.verify(await project.mint());
    project.advance(minute);
    await project.rotate(true);
    expect((await project.verifier.verify(await project.mint())).kind).toBe("valid");
    expect(keySetLooks(project)).toBe(2);
  });

  it("drops a key that is no longer published when its own copy is stale", async () => {
    const project = await start();
    const old = await project.mint();
    await project.verifier.verify(old);
    await project.rotate(false);
    project.advance(10 * minute);
    expect(await project.verifier.verify(old)).toEqual(signature);
  });

  it("looks once per 30 s for invented key ids, however many come", async () => {
    const project = await start();
    await project.verifier.verify(await project.mint());
    project.advance(minute);
    for (let index = 0; index < 5; index += 1) {
      expect(await project.verifier.verify(await project.mint({ is_key_unpublished: true }))).toEqual(signature);
    }
    expect(keySetLooks(project)).toBe(2);
    project.advance(30_000);
    await project.verifier.verify(await project.mint({ is_key_unpublished: true }));
    expect(keySetLooks(project)).toBe(3);
  });

  it("calls an unknown key unavailable, not wrong, while the key set is away", async () => {
    const project = await start();
    const known = await project.mint();
    await project.verifier.verify(known);
    await project.setFaults({ jwks_down: true });
    project.advance(minute);
    const unknown = await project.mint({ is_key_unpublished: true });
    await expect(project.verifier.verify(unknown)).rejects.toMatchObject(unavailable);
    await expect(project.verifier.verify(unknown)).rejects.toMatchObject(unavailable);
    expect(keySetLooks(project)).toBe(2);
    expect((await project.verifier.verify(known)).kind).toBe("valid");
  });

  it("gives a hanging key set up at its deadline", async () => {
    const project = await start();
    const token = await project.mint();
    await project.setFaults({ slow_ms: 3_600_000 });
    const deadlines = holdDeadlines(tokenTimeoutMs);
    onTestFinished(deadlines.restore);
    const refused = expect(project.verifier.verify(token)).rejects.toMatchObject(unavailable);
    await eventually(() => expect(project.asked).toContain(keySetPath));
    deadlines.expire();
    await refused;
  });

  it("asks nobody about a token that is expired, wrong or junk on its face", async () => {
    const project = await start();
    await project.verifier.verify(await project.mint({ expires_in_seconds: -1 }));
    await project.verifier.verify(await project.mint({ claims: { aud: "anon" } }));
    await project.verifier.verify("junk");
    expect(project.asked).toEqual([]);
  });
});

describe("claims", () => {
  it.each([
    ["no expiry", { exp: null }],
    ["an expiry that is text", { exp: "9999999999" }],
    ["no subject", { sub: null }],
    ["no issuer", { iss: null }],
    ["no audience", { aud: null }],
    ["a start in the future", { nbf: Date.now() / 1_000 + 3_600 }],
  ])("refuses %s", async (_, claims) => {
    const project = await start();
    const verdict = await project.verifier.verify(await project.mint({ claims }));
    expect(verdict).toEqual({ kind: "invalid", reason: "claims" });
  });
});

describe("algorithms", () => {
  const goodClaims = (project: SupabaseProject) => ({
    iss: project.issuer,
    aud: "authenticated",
    sub: randomUUID(),
    role: "authenticated",
    exp: Math.floor(Date.now() / 1_000) + 3_600,
  });
  const publicKey = async (project: SupabaseProject) => {
    const body: unknown = await (await fetch(project.url + keySetPath)).json();
    const [key] = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }).parse(body).keys;
    if (key === undefined) throw new Error("no key is published");
    return key;
  };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it("never accepts alg none", async () => {
    const project = await start();
    const { kid } = await publicKey(project);
    for (const alg of ["none", "None", "NONE"]) {
      const token = `${encode({ alg, kid })}.${encode(goodClaims(project))}.`;
      expect(await project.verifier.verify(token)).toEqual(signature);
    }
  });

  it("never takes a public key for an HS256 secret", async () => {
    const project = await start();
    const jwk = await publicKey(project);
    const pem = await exportSPKI(z.instanceof(CryptoKey).parse(await importJWK(jwk, "ES256", { extractable: true })));
    const unsigned = `${encode({ alg: "HS256", kid: jwk.kid })}.${encode(goodClaims(project))}`;
    for (const key of [pem, JSON.stringify(jwk)]) {
      const forged = createHmac("sha256", key).update(unsigned).digest("base64url");
      expect(await project.verifier.verify(`${unsigned}.${forged}`)).toEqual(signature);
    }
    expect(project.asked).toEqual([serverPath, serverPath]);
  });

  it.each(["RS256", "ES384", "EdDSA", "PS256", "HS512"])("refuses %s under an ES256 key's id", async (alg) => {
    const project = await start();
    const { kid } = await publicKey(project);
    const token = alg.startsWith("HS")
      ? await new SignJWT(goodClaims(project)).setProtectedHeader({ alg, kid }).sign(new Uint8Array(64))
      : await new SignJWT(goodClaims(project))
          .setProtectedHeader({ alg, kid })
          .sign((await generateKeyPair(alg)).privateKey);
    expect(await project.verifier.verify(token)).toEqual(signature);
  });

  it("verifies RS256 by an RSA key, unless the key names another algorithm", async () => {
    const { privateKey, publicKey: rsaKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...(await exportJWK(rsaKey)), kid: "rsa" };
    const sub = randomUUID();
    const issued = { iss: "https://p.example/auth/v1", aud: "authenticated", role: "authenticated" };
    const claims = { ...issued, sub, exp: Date.now() / 1_000 + 60 };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "rsa" }).sign(privateKey);
    const verifyWith = (key: object) => {
      const fetchKeys = async () => Response.json({ keys: [{ kty: "oct", kid: "rsa" }, key] });
      const clock = { now: () => new Date() };
      const options = { supabaseUrl: "https://p.example/", anonKey: "anon", clock, timeoutMs: tokenTimeoutMs };
      return createTokenVerifier({ ...options, fetch: fetchKeys }).verify(token);
    };
    expect(await verifyWith({ ...jwk, alg: "RS256" })).toEqual({
      kind: "valid",
      userId: sub,
      email: null,
      isEmailConfirmed: false,
    });
    expect(await verifyWith({ ...jwk, alg: "RS512" })).toEqual(signature);
  });

  it("refuses changed claims, a cut signature, a missing key id and a critical header", async () => {
    const project = await start();
    const [header = "", , signed = ""] = (await project.mint()).split(".");
    const { kid } = await publicKey(project);
    const payload = encode(goodClaims(project));
    const bad = (text: string) => project.verifier.verify(text);
    expect(await bad(`${header}.${payload}.${signed}`)).toEqual(signature);
    expect(await bad(`${header}.${payload}.`)).toEqual(signature);
    expect(await bad(`${header}.${payload}.${signed.slice(0, 10)}`)).toEqual(signature);
    expect(await bad(`${encode({ alg: "ES256" })}.${payload}.${signed}`)).toEqual(signature);
    const critical = encode({ alg: "ES256", kid, crit: ["b64"] });
    expect(await bad(`${critical}.${payload}.${signed}`)).toEqual({ kind: "invalid", reason: "malformed" });
  });

  it("calls a token of more than 8 KB malformed, whoever signed it", async () => {
    const project = await start();
    const token = await project.mint({ claims: { filler: "x".repeat(8_192) } });
    expect(await project.verifier.verify(token)).toEqual({ kind: "invalid", reason: "malformed" });
  });
});
