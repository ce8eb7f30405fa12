/** What became of a change that may have named the version it was made against. */
export type Updated<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "missing" }
  | { readonly kind: "stale" };
