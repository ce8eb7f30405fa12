import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { StandIn } from "../../src/local/serve.ts";
import { startSupabase } from "../../src/local/supabase/start-supabase.ts";

const anonKey = "anon-key";
const serviceKey = "service-key";
const password = "correct horse";
let server: StandIn;
let userCount = 0;

beforeAll(async () => {
  server = await startSupabase({ anonKey, serviceKey });
});
afterEach(() => faults("DELETE"));
afterAll(() => server.stop());

function client(url = server.url) {
  return createClient(url, anonKey, { auth: { persistSession: false, autoRefreshToken: false } }).auth;
}

async function signedUp(url = server.url) {
  userCount += 1;
  const email = `user${userCount}@example.com`;
  const auth = client(url);
  const { data, error } = await auth.signUp({ email, password, options: { data: { name: "Ada" } } });
  expect(error).toBeNull();
  if (data.session === null || data.user === null) throw new Error("sign-up made no session");
  return { auth, email, session: data.session, user: data.user };
}

function rest(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}/auth/v1${path}`, { ...init, headers: { apikey: anonKey, ...init.headers } });
}

function faults(method: string, body?: object, path = "", token = serviceKey): Promise<Response> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${server.url}/_faults${path}`, { method, headers: { authorization: `Bearer ${token}` }, ...init });
}

async function publishedKids(): Promise<readonly string[]> {
  const body: unknown = await (await rest("/.well-known/jwks.json")).json();
  const { keys } = z.object({ keys: z.array(z.object({ kid: z.string() })) }).parse(body);
  return keys.map(({ kid }) => kid);
}

describe("a user's way through supabase-js", () => {
  it("signs up, signs in, reads the user, refreshes and signs out", async () => {
    const { auth, email, user } = await signedUp();
    const signedIn = await auth.signInWithPassword({ email: email.toUpperCase(), password });
    expect(signedIn.data.user).toMatchObject({ id: user.id, email, user_metadata: { name: "Ada" } });
    expect((await auth.getUser()).data.user?.id).toBe(user.id);
    const refreshed = await auth.refreshSession();
    expect(refreshed.data.session?.refresh_token).not.toBe(signedIn.data.session?.refresh_token);
    expect((await auth.signOut()).error).toBeNull();
    const after = await auth.getUser(refreshed.data.session?.access_token);
    expect(after.error?.name).toBe("AuthSessionMissingError");
  });

  it("issues ES256 tokens with Supabase's claims, which getClaims verifies without the server", async () => {
    const { auth, session, user, email } = await signedUp();
    expect(decodeProtectedHeader(session.access_token)).toMatchObject({
      alg: "ES256",
      kid: (await publishedKids())[0],
    });
    const { data } = await auth.getClaims(session.access_token);
    expect(data?.claims).toMatchObject({
      iss: `${server.url}/auth/v1`,
      aud: "authenticated",
      sub: user.id,
      email,
      role: "authenticated",
      aal: "aal1",
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect((data?.claims.exp ?? 0) - (data?.claims.iat ?? 0)).toBe(3_600);
  });

  it("refuses a wrong password, a taken address and a weak password by their codes", async () => {
    const { auth, email } = await signedUp();
    expect((await auth.signInWithPassword({ email, password: "wrong!" })).error?.code).toBe("invalid_credentials");
    expect((await auth.signUp({ email, password })).error?.code).toBe("user_already_exists");
    expect((await auth.signUp({ email: "new@example.com", password: "short" })).error?.code).toBe("weak_password");
    expect((await auth.signUp({ email: "no address", password })).error?.code).toBe("validation_failed");
  });

  it("refuses a refresh token that was used before, and ends its whole session", async () => {
    const { auth, session } = await signedUp();
    const next = await auth.refreshSession({ refresh_token: session.refresh_token });
    const reused = await client().refreshSession({ refresh_token: session.refresh_token });
    expect(reused.error?.code).toBe("refresh_token_already_used");
    const heir = await client().refreshSession({ refresh_token: next.data.session?.refresh_token ?? "" });
    expect(heir.error?.code).toBe("refresh_token_not_found");
  });

  it("signs other sessions out and leaves this one", async () => {
    const { auth, email, session } = await signedUp();
    await auth.signInWithPassword({ email, password });
    await auth.signOut({ scope: "others" });
    expect((await auth.getUser()).error).toBeNull();
    expect((await auth.getUser(session.access_token)).error?.name).toBe("AuthSessionMissingError");
  });
});

describe("a restart", () => {
  it.each([
    ["asymmetric", {}],
    ["legacy", { jwtSecret: "a legacy secret of the project" }],
  ])("keeps users, sessions and tokens of a project with %s keys, and no password in clear", async (_, kind) => {
    const folder = await mkdtemp(join(tmpdir(), "supabase-"));
    const options = { anonKey, dataFile: join(folder, "auth.json"), ...kind };
    const before = await startSupabase(options);
    const { email, session, user } = await signedUp(before.url);
    await before.stop();
    const after = await startSupabase({ ...options, port: Number(new URL(before.url).port) });
    const auth = client(after.url);
    expect((await auth.getUser(session.access_token)).data.user?.id).toBe(user.id);
    expect((await auth.signInWithPassword({ email, password })).data.user?.id).toBe(user.id);
    expect((await auth.refreshSession({ refresh_token: session.refresh_token })).error).toBeNull();
    expect(await readFile(options.dataFile, "utf8")).not.toContain(password);
    await after.stop();
    await rm(folder, { recursive: true });
  });
});

describe("a legacy project", () => {
  it("signs with HS256, publishes no key, and getClaims asks the server", async () => {
    const legacy = await startSupabase({ anonKey, jwtSecret: "a legacy secret of the project" });
    const { auth, session, user } = await signedUp(legacy.url);
    expect(decodeProtectedHeader(session.access_token).alg).toBe("HS256");
    const keys = await fetch(`${legacy.url}/auth/v1/.well-known/jwks.json`);
    expect(await keys.json()).toEqual({ keys: [] });
    expect((await auth.getClaims(session.access_token)).data?.claims.sub).toBe(user.id);
    const forged = `${session.access_token.slice(0, -4)}AAAA`;
    expect((await auth.getClaims(forged)).error?.code).toBe("bad_jwt");
    await legacy.stop();
  });
});

describe("a legacy project that moves to signing keys", () => {
  it("signs by its secret while a key stands by, and by that key once rotated, until the secret is revoked", async () => {
    const moving = await startSupabase({ anonKey, jwtSecret: "a legacy secret of the project" });
    const command = (path: string, body: object) => {
      const headers = { authorization: `Bearer ${anonKey}` };
      return fetch(`${moving.url}/_faults${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    };
    const { auth, session } = await signedUp(moving.url);
    const isAccepted = async () => (await auth.getUser(session.access_token)).error === null;
    const algorithm = async () => {
      const { data } = await auth.refreshSession();
      return decodeProtectedHeader(data.session?.access_token ?? "").alg;
    };
    await command("/standby", {});
    expect([await algorithm(), await isAccepted()]).toEqual(["HS256", true]);
    await command("/rotate", { keep_old: true });
    expect([await algorithm(), await isAccepted()]).toEqual(["ES256", true]);
    await command("/rotate", { keep_old: false });
    expect([await algorithm(), await isAccepted()]).toEqual(["ES256", false]);
    await moving.stop();
  });
});

describe("the gateway and the error shapes", () => {
  it("wants the project's key on everything but the key set", async () => {
    const wrong = await rest("/settings", { headers: { apikey: "wrong" } });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toEqual({ message: "Invalid API key" });
    expect((await fetch(`${server.url}/auth/v1/health`)).status).toBe(401);
    expect((await fetch(`${server.url}/auth/v1/.well-known/jwks.json`)).status).toBe(200);
    expect(await (await rest("/health")).json()).toMatchObject({ name: "GoTrue" });
    expect(await (await rest("/settings")).json()).toMatchObject({
      mailer_autoconfirm: true,
      external: { email: true },
    });
  });

  it("answers errors as {code, error_code, msg}, or in the newer shape when a version is named", async () => {
    const init = { method: "POST", body: JSON.stringify({ email: "nobody@example.com", password: "whatever" }) };
    const old = await rest("/token?grant_type=password", init);
    expect(old.status).toBe(400);
    const message = "Invalid login credentials";
    expect(await old.json()).toEqual({ code: 400, error_code: "invalid_credentials", msg: message });
    const headers = { "x-supabase-api-version": "2024-01-01" };
    const versioned = await rest("/token?grant_type=password", { ...init, headers });
    expect(await versioned.json()).toEqual({ code: "invalid_credentials", message });
  });

  it.each([
    ["no token", {}, 401, "no_authorization"],
    ["a token that is none", { authorization: "Bearer junk" }, 403, "bad_jwt"],
  ])("refuses %s at /user", async (_, headers, status, code) => {
    const response = await rest("/user", { headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error_code: code });
  });

  it("refuses a broken body and an unknown grant with 400", async () => {
    expect((await rest("/signup", { method: "POST", body: "{" })).status).toBe(400);
    expect((await rest("/token?grant_type=magic", { method: "POST", body: "{}" })).status).toBe(400);
  });

  it("lets a browser of another origin in", async () => {
    const headers = { origin: "http://localhost:1", "access-control-request-headers": "apikey,authorization" };
    const response = await rest("/token", { method: "OPTIONS", headers });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-headers")).toContain("apikey");
  });
});

describe("fault switches", () => {
  it("hangs up while down and recovers", async () => {
    await faults("PUT", { down: true });
    await expect(rest("/health")).rejects.toThrow("fetch failed");
    await faults("DELETE");
    expect((await rest("/health")).status).toBe(200);
  });

  it("takes the key set alone away", async () => {
    await faults("PUT", { jwks_down: true });
    expect((await rest("/.well-known/jwks.json")).status).toBe(503);
    expect((await rest("/health")).status).toBe(200);
  });

  it("fails as many requests as told", async () => {
    await faults("PUT", { fail_next: 1 });
    expect((await rest("/health")).status).toBe(500);
    expect((await rest("/health")).status).toBe(200);
  });

  it("rotates the signing key, with the old one published or not", async () => {
    const { auth, session } = await signedUp();
    const [first] = await publishedKids();
    await faults("POST", { keep_old: true }, "/rotate");
    expect(await publishedKids()).toContain(first);
    expect((await auth.getUser(session.access_token)).error).toBeNull();
    await faults("POST", { keep_old: false }, "/rotate");
    expect(await publishedKids()).toHaveLength(1);
    expect((await auth.getUser(session.access_token)).error?.code).toBe("bad_jwt");
    expect((await auth.refreshSession()).data.session?.access_token).toBeDefined();
  });

  it("mints a token with any claims and expiry, signed by the project", async () => {
    const body = { claims: { sub: "somebody", email: null }, expires_in_seconds: -10 };
    const minted: unknown = await (await faults("POST", body, "/mint")).json();
    const { access_token } = z.object({ access_token: z.string() }).parse(minted);
    const claims = decodeJwt(access_token);
    expect(claims).toMatchObject({ sub: "somebody", iss: `${server.url}/auth/v1` });
    expect(claims).not.toHaveProperty("email");
    expect(claims.exp).toBeLessThan(Date.now() / 1_000);
    expect((await client().getClaims(access_token, { allowExpired: true })).error).toBeNull();
  });

  it("guards the switches by the service key", async () => {
    expect((await faults("PUT", { down: true }, "", anonKey)).status).toBe(401);
    expect((await faults("POST", { claims: {} }, "/mint", anonKey)).status).toBe(401);
    expect((await faults("POST", { keep_old: "yes" }, "/rotate")).status).toBe(400);
  });
});
