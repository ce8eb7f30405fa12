export interface ContextSettings {
  readonly maxOutputTokens: number;
  readonly summaryTriggerRatio: number;
  readonly pruneTriggerRatio: number;
  readonly mandatorySummaryTurn: number;
  readonly defaultModelLimit: number;
  readonly recentTurnsToKeep: number;
}

export const defaultContextSettings: ContextSettings = {
  maxOutputTokens: 2048,
  summaryTriggerRatio: 0.7,
  pruneTriggerRatio: 0.9,
  mandatorySummaryTurn: 8,
  defaultModelLimit: 8192,
  recentTurnsToKeep: 4,
};
