import type { Settings, TurnSettings } from "../ports/settings.ts";
import type { Environment } from "./env.ts";

export function toSettings(environment: Environment): Settings {
  return {
    environment: environment.ENVIRONMENT,
    commit: environment.BUILD_COMMIT,
    corsAllowedOrigins: environment.CORS_ALLOWED_ORIGINS,
  };
}

export function toTurnSettings(environment: Environment): TurnSettings {
  return {
    perMinute: environment.TURN_RATE_PER_MINUTE,
    perHour: environment.TURN_RATE_PER_HOUR,
    leaseSeconds: environment.STEP_LEASE_SECONDS,
    stepDeadlineSeconds: environment.STEP_DEADLINE_SECONDS,
    modelTimeoutSeconds: environment.MODEL_TIMEOUT_SECONDS,
    context: {
      maxOutputTokens: environment.CONTEXT_MAX_OUTPUT_TOKENS,
      summaryTriggerRatio: environment.CONTEXT_SUMMARY_TRIGGER_RATIO,
      pruneTriggerRatio: environment.CONTEXT_PRUNE_TRIGGER_RATIO,
      mandatorySummaryTurn: environment.CONTEXT_MANDATORY_SUMMARY_TURN,
      defaultModelLimit: environment.CONTEXT_DEFAULT_MODEL_LIMIT,
      recentTurnsToKeep: environment.CONTEXT_RECENT_TURNS_TO_KEEP,
    },
  };
}
