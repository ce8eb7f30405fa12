export interface Ids {
  /** A UUIDv7: sorts by the time it was made. */
  uuid(): string;
  /** Bytes nobody can guess, as lower-case hex. */
  secretHex(bytes: number): string;
  /** The same as base64, padded. */
  secretBase64(bytes: number): string;
}
