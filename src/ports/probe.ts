export interface Probe {
  readonly name: string;
  /** Resolves to a remark or nothing when the dependency answers; throws when it does not. */
  check(): Promise<void>;
}
