import type { ContextSettings } from "../domain/context/settings.ts";

export interface TurnSettings {
  readonly perMinute: number;
  readonly perHour: number;
  readonly leaseSeconds: number;
  readonly stepDeadlineSeconds: number;
  readonly modelTimeoutSeconds: number;
  readonly context: ContextSettings;
}

/** What the operator chose; parsed and checked before anything uses it. */
export interface Settings {
  readonly environment: string;
  readonly commit: string;
  readonly corsAllowedOrigins: readonly string[];
}
