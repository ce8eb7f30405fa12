import { createClient } from "@supabase/supabase-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SupabaseProject, startSupabaseProject } from "./supabase-project.ts";

const serverPath = "/auth/v1/user";
const signature = { kind: "invalid", reason: "signature" };
const unknownUser = { kind: "invalid", reason: "claims" };
const unavailable = { code: "dependency_unavailable" };
const minute = 60_000;
let project: SupabaseProject;
let userCount = 0;

beforeEach(async () => {
  project = await startSupabaseProject("a legacy secret of the project");
});
afterEach(() => project.stop());

async function signUp() {
  const auth = createClient(project.url, "anon-key", { auth: { persistSession: false, autoRefreshToken: false } }).auth;
  userCount += 1;
  const email = `user${userCount}@example.com`;
  const { data } = await auth.signUp({ email, password: "correct horse" });
  const token = data.session?.access_token ?? "";
  return { auth, token, valid: expect.objectContaining({ kind: "valid", userId: data.user?.id, email }) };
}

const verify = (token: string) => project.verifier.verify(token);
const asks = () => project.asked.filter((path) => path === serverPath).length;
const forged = () => project.mint({ is_key_unpublished: true });

describe("a token of a shared secret", () => {
  it("is judged by the server, which knows the secret, and by no key", async () => {
    const { token, valid } = await signUp();
    expect(await verify(token)).toEqual(valid);
    expect(project.asked).toEqual([serverPath]);
  });

  it("is valid while a key stands by, and while the secret is the previous key", async () => {
    const { token, valid } = await signUp();
    await project.addStandby();
    expect(await verify(token)).toEqual(valid);
    await project.rotate(true);
    expect((await verify(await project.mint())).kind).toBe("valid");
    project.advance(minute);
    expect(await verify(token)).toEqual(valid);
    expect(asks()).toBe(2);
  });

  it("is refused once the secret is revoked, a minute later at most", async () => {
    const { token, valid } = await signUp();
    expect(await verify(token)).toEqual(valid);
    await project.rotate(false);
    project.advance(minute);
    expect(await verify(token)).toEqual(signature);
  });

  it("is refused with a forged signature or an unknown user", async () => {
    expect(await verify(await forged())).toEqual(signature);
    expect(await verify(await project.mint())).toEqual(unknownUser);
  });

  it("throws dependency_unavailable when the server is down or fails", async () => {
    const { token, valid } = await signUp();
    await project.setFaults({ down: true });
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    await project.setFaults({ fail_next: 1 });
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    expect(await verify(token)).toEqual(valid);
  });

  it("is never the anon key, itself a token of the project", async () => {
    const anon = await project.mint({ claims: { iss: "supabase", role: "anon", sub: null, aud: null } });
    expect(await verify(anon)).toEqual(unknownUser);
    expect(project.asked).toEqual([]);
  });
});

describe("what the server said", () => {
  it("is kept for a minute, good or bad, and asked again after it", async () => {
    const { auth, token, valid } = await signUp();
    const wrong = await forged();
    project.holdClock();
    for (let time = 0; time < 3; time += 1) {
      expect(await verify(token)).toEqual(valid);
      expect(await verify(wrong)).toEqual(signature);
    }
    expect(asks()).toBe(2);
    await auth.signOut();
    project.advance(minute);
    expect(await verify(token)).toEqual({ kind: "invalid", reason: "expired" });
    expect(await verify(wrong)).toEqual(signature);
    expect(asks()).toBe(4);
  });

  it("never outlives the token", async () => {
    const { token, valid } = await signUp();
    project.advance(3_600_000 - 30_000);
    expect(await verify(token)).toEqual(valid);
    project.advance(30_000);
    expect(await verify(token)).toEqual({ kind: "invalid", reason: "expired" });
  });
});

describe("strangers", () => {
  it("make it ask the server 100 times a minute, and are told when to come back", async () => {
    const tokens = await Promise.all(Array.from({ length: 130 }, forged));
    project.holdClock();
    const verdicts = await Promise.allSettled(tokens.map(verify));
    expect(asks()).toBe(100);
    expect(verdicts.at(-1)).toMatchObject({
      status: "rejected",
      reason: { ...unavailable, details: { retryAfterSeconds: 60 } },
    });
    project.advance(minute);
    expect(await verify(await forged())).toEqual(signature);
  });

  it("shut out nobody whose token was good before", async () => {
    const { token, valid } = await signUp();
    expect(await verify(token)).toEqual(valid);
    project.advance(minute);
    const tokens = await Promise.all(Array.from({ length: 130 }, forged));
    project.holdClock();
    await Promise.allSettled(tokens.map(verify));
    expect(asks()).toBe(1 + 100);
    expect(await verify(token)).toEqual(valid);
    expect(asks()).toBe(1 + 100 + 1);
  });

  it("are not those whose tokens prove good", async () => {
    const { token, valid } = await signUp();
    project.holdClock();
    expect(await verify(token)).toEqual(valid);
    for (const one of await Promise.all(Array.from({ length: 130 }, forged))) await verify(one).catch(() => null);
    expect(asks()).toBe(1 + 100);
  });
});
