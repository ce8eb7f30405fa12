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
  const issue = ({ userId, email, audience, issuer, expiresInSeconds, isSignedByStranger }: TokenSpec) => {
    const claims = { sub: userId, email, aud: audience ?? "authenticated", iss: issuer ?? project.issuer };
    const is_key_unpublished = isSignedByStranger ?? false;
    return project.mint({ claims, expires_in_seconds: expiresInSeconds ?? 3_600, is_key_unpublished });
  };
  const setAvailable = (isAvailable: boolean) => project.setFaults({ down: !isAvailable });
  return { ...project, issue, setAvailable };
});
