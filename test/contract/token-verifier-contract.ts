import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TokenVerifier } from "../../src/ports/token-verifier.ts";
import type { TokenSpec } from "../fakes/token-verifier.ts";

export interface TokenVerifierHarness {
  readonly verifier: TokenVerifier;
  issue(spec: TokenSpec): Promise<string> | string;
  setAvailable(isAvailable: boolean): Promise<void> | void;
  advance(ms: number): void;
  stop(): Promise<void>;
}

export function tokenVerifierContract(name: string, createHarness: () => Promise<TokenVerifierHarness>): void {
  describe(`token verifier contract: ${name}`, () => {
    const userId = randomUUID();
    const ada = { userId, email: "ada@example.com" };
    let harness: TokenVerifierHarness;

    beforeEach(async () => {
      harness = await createHarness();
    });
    afterEach(() => harness.stop());

    it("names the user and the address of a good token", async () => {
      expect(await harness.verifier.verify(await harness.issue(ada))).toEqual({
        kind: "valid",
        ...ada,
        isEmailConfirmed: true,
      });
    });

    it("calls no address confirmed without a proof", async () => {
      const token = await harness.issue({ ...ada, isEmailUnconfirmed: true });
      expect(await harness.verifier.verify(token)).toEqual({ kind: "valid", ...ada, isEmailConfirmed: false });
    });

    it("names no address where the token has none", async () => {
      const token = await harness.issue({ userId, email: null });
      expect(await harness.verifier.verify(token)).toEqual({
        kind: "valid",
        userId,
        email: null,
        isEmailConfirmed: false,
      });
    });

    it("accepts a list of audiences that holds ours", async () => {
      const token = await harness.issue({ ...ada, audience: ["other", "authenticated"] });
      expect((await harness.verifier.verify(token)).kind).toBe("valid");
    });

    it("refuses a token from the second it ends", async () => {
      const token = await harness.issue({ ...ada, expiresInSeconds: 60 });
      expect((await harness.verifier.verify(token)).kind).toBe("valid");
      harness.advance(60_000);
      expect(await harness.verifier.verify(token)).toEqual({ kind: "invalid", reason: "expired" });
    });

    it.each<[string, Partial<TokenSpec>]>([
      ["another audience", { audience: "anon" }],
      ["a list without our audience", { audience: ["anon", "other"] }],
      ["another issuer", { issuer: "https://evil.example/auth/v1" }],
      ["a subject that is no UUID", { userId: "admin" }],
      ["nobody's role", { role: "anon" }],
      ["the project's own role", { role: "service_role" }],
    ])("refuses %s", async (_, change) => {
      const token = await harness.issue({ ...ada, ...change });
      expect(await harness.verifier.verify(token)).toEqual({ kind: "invalid", reason: "claims" });
    });

    it("refuses a stranger's signature", async () => {
      const token = await harness.issue({ ...ada, isSignedByStranger: true });
      expect(await harness.verifier.verify(token)).toEqual({ kind: "invalid", reason: "signature" });
    });

    it.each([[""], ["junk"], ["a.b.c"], ["..."], ["a".repeat(100_000)], ["é.é.é"]])(
      "refuses junk: %.10s",
      async (junk) => {
        expect(await harness.verifier.verify(junk)).toEqual({ kind: "invalid", reason: "malformed" });
      },
    );

    it("throws dependency_unavailable while no key can be had, and recovers", async () => {
      const token = await harness.issue(ada);
      await harness.setAvailable(false);
      await expect(harness.verifier.verify(token)).rejects.toMatchObject({ code: "dependency_unavailable" });
      await harness.setAvailable(true);
      expect((await harness.verifier.verify(token)).kind).toBe("valid");
    });
  });
}
