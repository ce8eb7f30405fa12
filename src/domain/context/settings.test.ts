import { describe, expect, test } from "vitest";
import { type ContextSettings, checkContextSettings, contextSettingRules, defaultContextSettings } from "./settings.ts";

describe("context settings", () => {
  test("the defaults are the documented ones, and lie in their own ranges", () => {
    const named = Object.values(contextSettingRules).map((rule) => [rule.name, rule.defaultValue]);
    expect(Object.fromEntries(named)).toEqual({
      CONTEXT_MAX_OUTPUT_TOKENS: 2048,
      CONTEXT_SUMMARY_TRIGGER_RATIO: 0.7,
      CONTEXT_PRUNE_TRIGGER_RATIO: 0.9,
      CONTEXT_MANDATORY_SUMMARY_TURN: 8,
      CONTEXT_DEFAULT_MODEL_LIMIT: 8192,
      CONTEXT_RECENT_TURNS_TO_KEEP: 4,
    });
    expect(Object.keys(defaultContextSettings)).toEqual(Object.keys(contextSettingRules));
    expect(checkContextSettings(defaultContextSettings)).toEqual([]);
  });

  test.each<[Partial<ContextSettings>, string]>([
    [{ maxOutputTokens: 255 }, "CONTEXT_MAX_OUTPUT_TOKENS must be at least 256"],
    [{ maxOutputTokens: 300.5 }, "CONTEXT_MAX_OUTPUT_TOKENS must be a whole number"],
    [{ summaryTriggerRatio: 0.09 }, "CONTEXT_SUMMARY_TRIGGER_RATIO must be from 0.1 to 1"],
    [{ summaryTriggerRatio: Number.NaN, pruneTriggerRatio: 1 }, "CONTEXT_SUMMARY_TRIGGER_RATIO must be from 0.1 to 1"],
    [{ pruneTriggerRatio: 1.01 }, "CONTEXT_PRUNE_TRIGGER_RATIO must be from 0.1 to 1"],
    [{ pruneTriggerRatio: 0.69 }, "CONTEXT_PRUNE_TRIGGER_RATIO must be at least CONTEXT_SUMMARY_TRIGGER_RATIO"],
    [{ mandatorySummaryTurn: 0 }, "CONTEXT_MANDATORY_SUMMARY_TURN must be at least 1"],
    [{ defaultModelLimit: Number.POSITIVE_INFINITY }, "CONTEXT_DEFAULT_MODEL_LIMIT must be a whole number"],
    [{ recentTurnsToKeep: 0 }, "CONTEXT_RECENT_TURNS_TO_KEEP must be at least 1"],
  ])("%o is refused by name", (change, message) => {
    const faults = checkContextSettings({ ...defaultContextSettings, ...change });
    expect(faults.map((fault) => `${fault.name} ${fault.message}`)).toContain(message);
  });

  test.each<[Partial<ContextSettings>]>([
    [{ maxOutputTokens: 256 }],
    [{ summaryTriggerRatio: 0.1 }],
    [{ summaryTriggerRatio: 1, pruneTriggerRatio: 1 }],
    [{ pruneTriggerRatio: 0.7 }],
    [{ mandatorySummaryTurn: 1, recentTurnsToKeep: 1 }],
  ])("the edge %o is allowed", (change) => {
    expect(checkContextSettings({ ...defaultContextSettings, ...change })).toEqual([]);
  });
});
