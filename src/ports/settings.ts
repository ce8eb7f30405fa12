/** What the operator chose; parsed and checked before anything uses it. */
export interface Settings {
  readonly environment: string;
  readonly commit: string;
  readonly publicBaseUrl: string;
  readonly corsAllowedOrigins: readonly string[];
  readonly adminUserIds: readonly string[];
}
