export type TokenRefusal = "expired" | "malformed" | "signature" | "claims";

export type TokenVerdict =
  | { readonly kind: "valid"; readonly userId: string; readonly email: string | null }
  | { readonly kind: "invalid"; readonly reason: TokenRefusal };

export interface TokenVerifier {
  /** Throws `dependency_unavailable` when the keys, or a legacy project's server, cannot be had. */
  verify(token: string): Promise<TokenVerdict>;
}
