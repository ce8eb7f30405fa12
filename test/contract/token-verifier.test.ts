import { createFakeTokenVerifier, type TokenSpec } from "../fakes/token-verifier.ts";
import { startSupabaseProject } from "./supabase-project.ts";
import { tokenVerifierContract } from "./token-verifier-contract.ts";

tokenVerifierContract("fake", async () => {
  let nowMs = Date.now();
  const verifier = createFakeTokenVerifier({ now: () => new Date(nowMs) });
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { verifier, issue: verifier.issue, setAvailable: verifier.setAvailable, advance, stop: async () => {} };
});

tokenVerifierContract("Supabase", async () => {
  const project = await startSupabaseProject();
  const issue = (spec: TokenSpec) => {
    const { userId: sub, email, audience: aud = "authenticated", issuer: iss = project.issuer } = spec;
    const { role = "authenticated", isEmailUnconfirmed = false, isSignedByStranger = false } = spec;
    const claims = { sub, email, aud, iss, role, user_metadata: { email_verified: !isEmailUnconfirmed } };
    const rest = { expires_in_seconds: spec.expiresInSeconds ?? 3_600, is_key_unpublished: isSignedByStranger };
    return project.mint({ claims, ...rest });
  };
  const setAvailable = (isAvailable: boolean) => project.setFaults({ down: !isAvailable });
  return { ...project, issue, setAvailable };
});
