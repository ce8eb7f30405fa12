export type TokenRefusal = "expired" | "malformed" | "signature" | "claims";

export type TokenVerdict =
  | {
      readonly kind: "valid";
      readonly userId: string;
      readonly email: string | null;
      /** False without a proof in the token. */
      readonly isEmailConfirmed: boolean;
    }
  | { readonly kind: "invalid"; readonly reason: TokenRefusal };

export interface TokenVerifier {
  /** Throws `dependency_unavailable` when the keys, or the server that knows a shared secret, cannot be had. */
  verify(token: string): Promise<TokenVerdict>;
}
