export interface SignedDelivery {
  readonly signature: string | undefined;
  /** As it came, byte for byte. */
  readonly body: string;
  /** Where the sender meant it to go, not where it arrived. */
  readonly url: string;
}

export type DeliveryVerdict = "valid" | "expired" | "invalid";

export interface QueueVerifier {
  /** "expired" only for what would otherwise be valid. */
  verify(delivery: SignedDelivery): Promise<DeliveryVerdict>;
}
