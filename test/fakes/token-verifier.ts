import { PantheonError } from "../../src/contract/errors.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { TokenVerdict, TokenVerifier } from "../../src/ports/token-verifier.ts";

/** What a token says, and what is wrong with it. */
export interface TokenSpec {
  readonly userId: string;
  readonly email: string | null;
  readonly expiresInSeconds?: number;
  readonly audience?: string | readonly string[];
  readonly issuer?: string;
  readonly isSignedByStranger?: boolean;
  readonly role?: string;
  readonly isEmailUnconfirmed?: boolean;
}

export interface FakeTokenVerifier extends TokenVerifier {
  issue(spec: TokenSpec): string;
  setAvailable(isAvailable: boolean): void;
}

const issuer = "https://sign-in.example/auth/v1";

/** Knows the tokens that it issued; every other text is malformed. */
export function createFakeTokenVerifier(clock: Clock): FakeTokenVerifier {
  const issued = new Map<string, TokenSpec & { readonly expiresAtMs: number }>();
  let isAvailable = true;
  return {
    issue: (spec) => {
      const token = `fake-token-${issued.size + 1}`;
      issued.set(token, { ...spec, expiresAtMs: clock.now().getTime() + (spec.expiresInSeconds ?? 3_600) * 1_000 });
      return token;
    },
    setAvailable: (next) => {
      isAvailable = next;
    },
    verify: async (token) => {
      const spec = issued.get(token);
      if (spec === undefined) return { kind: "invalid", reason: "malformed" };
      const isExpired = spec.expiresAtMs <= clock.now().getTime();
      return judge(spec, isExpired, isAvailable);
    },
  };
}

function judge(spec: TokenSpec, isExpired: boolean, isAvailable: boolean): TokenVerdict {
  const isOurs =
    [spec.audience ?? "authenticated"].flat().includes("authenticated") && (spec.issuer ?? issuer) === issuer;
  const isRoleRight = (spec.role ?? "authenticated") === "authenticated";
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(spec.userId);
  if (!isOurs || !isUuid || !isRoleRight) return { kind: "invalid", reason: "claims" };
  if (isExpired) return { kind: "invalid", reason: "expired" };
  if (!isAvailable) throw new PantheonError("dependency_unavailable", "The fake sign-in service is away.");
  if (spec.isSignedByStranger) return { kind: "invalid", reason: "signature" };
  const isEmailConfirmed = spec.email !== null && spec.isEmailUnconfirmed !== true;
  return { kind: "valid", userId: spec.userId, email: spec.email, isEmailConfirmed };
}
