export type ThrottleVerdict =
  | {
      readonly kind: "allowed" | "refused";
      readonly limit: number;
      readonly remaining: number;
      readonly resetSeconds: number;
    }
  | { readonly kind: "unavailable" };

export interface Throttle {
  /** Counts one request of the caller; `unavailable` leaves the choice to the route. */
  take(caller: string): Promise<ThrottleVerdict>;
}
