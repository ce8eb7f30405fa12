export type Resolution =
  | { readonly kind: "found"; readonly addresses: readonly string[] }
  /** Whatever was wrong: who cannot be sure sends nothing. */
  | { readonly kind: "failed"; readonly reason: string };

export interface Resolver {
  /** Every IPv4 and IPv6 address of a name, at this moment. */
  resolve(host: string): Promise<Resolution>;
}
