export interface ContextSettings {
  readonly maxOutputTokens: number;
  readonly summaryTriggerRatio: number;
  readonly pruneTriggerRatio: number;
  readonly mandatorySummaryTurn: number;
  readonly defaultModelLimit: number;
  readonly recentTurnsToKeep: number;
}

export interface ContextSettingRule {
  readonly name: string;
  readonly defaultValue: number;
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

export interface ContextSettingFault {
  readonly name: string;
  readonly message: string;
}

const whole = { max: Number.MAX_SAFE_INTEGER, isWhole: true };
const ratio = { min: 0.1, max: 1, isWhole: false };

export const contextSettingRules: Readonly<Record<keyof ContextSettings, ContextSettingRule>> = {
  maxOutputTokens: { name: "CONTEXT_MAX_OUTPUT_TOKENS", defaultValue: 2048, min: 256, ...whole },
  summaryTriggerRatio: { name: "CONTEXT_SUMMARY_TRIGGER_RATIO", defaultValue: 0.7, ...ratio },
  pruneTriggerRatio: { name: "CONTEXT_PRUNE_TRIGGER_RATIO", defaultValue: 0.9, ...ratio },
  mandatorySummaryTurn: { name: "CONTEXT_MANDATORY_SUMMARY_TURN", defaultValue: 8, min: 1, ...whole },
  defaultModelLimit: { name: "CONTEXT_DEFAULT_MODEL_LIMIT", defaultValue: 8192, min: 1, ...whole },
  recentTurnsToKeep: { name: "CONTEXT_RECENT_TURNS_TO_KEEP", defaultValue: 4, min: 1, ...whole },
};

export const defaultContextSettings: ContextSettings = {
  maxOutputTokens: contextSettingRules.maxOutputTokens.defaultValue,
  summaryTriggerRatio: contextSettingRules.summaryTriggerRatio.defaultValue,
  pruneTriggerRatio: contextSettingRules.pruneTriggerRatio.defaultValue,
  mandatorySummaryTurn: contextSettingRules.mandatorySummaryTurn.defaultValue,
  defaultModelLimit: contextSettingRules.defaultModelLimit.defaultValue,
  recentTurnsToKeep: contextSettingRules.recentTurnsToKeep.defaultValue,
};

export function checkContextSettings(settings: ContextSettings): readonly ContextSettingFault[] {
  const { summaryTriggerRatio, pruneTriggerRatio } = contextSettingRules;
  const faults = settingKeys.flatMap((key) => checkSetting(contextSettingRules[key], settings[key]));
  if (settings.pruneTriggerRatio >= settings.summaryTriggerRatio) return faults;
  return [...faults, { name: pruneTriggerRatio.name, message: `must be at least ${summaryTriggerRatio.name}` }];
}

const settingKeys: readonly (keyof ContextSettings)[] = [
  "maxOutputTokens",
  "summaryTriggerRatio",
  "pruneTriggerRatio",
  "mandatorySummaryTurn",
  "defaultModelLimit",
  "recentTurnsToKeep",
];

function checkSetting(rule: ContextSettingRule, value: number): readonly ContextSettingFault[] {
  if (rule.isWhole && !Number.isSafeInteger(value)) return [{ name: rule.name, message: "must be a whole number" }];
  if (value >= rule.min && value <= rule.max) return [];
  const range = rule.isWhole ? `at least ${rule.min}` : `from ${rule.min} to ${rule.max}`;
  return [{ name: rule.name, message: `must be ${range}` }];
}
