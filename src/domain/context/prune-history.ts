import type { ContextSettings } from "./settings.ts";
import { cuttableUnits, type Unit, withoutMessages } from "./units.ts";
import {
  type CutMessage,
  type RemoveRule,
  turnTokens,
  type WindowMessage,
  type WindowSummary,
  type WindowTurn,
} from "./window.ts";

export interface Draft {
  /** Of all but the summary. */
  readonly tokens: number;
  readonly removed: readonly CutMessage[];
  /** What may still go, oldest first. */
  readonly units: readonly Unit[];
}

export interface PruneLimits {
  /** Old replies go until there are fewer than this. */
  readonly pruneAt: number;
  /** Old turns go until there are no more than this. */
  readonly most: number;
}

export interface LoadInput {
  readonly settings: ContextSettings;
  readonly promptTokens: number;
  readonly history: readonly WindowTurn[];
  readonly readsFromTurnIndex: number;
  readonly current: WindowTurn;
}

export function load(input: LoadInput): Draft {
  const { promptTokens, history, current } = input;
  const recentFrom = oldestRecentTurnIndex(input);
  const units = cuttableUnits([...history, current], (message, turn) => {
    const isOld = turn.isResolved && turn.turnIndex < recentFrom;
    return isOld && !message.isPinned && message.author.kind !== "summary";
  });
  const tokens = history.reduce((sum, turn) => sum + turnTokens(turn), promptTokens + turnTokens(current));
  return { tokens, removed: [], units };
}

export interface RecentTurns {
  readonly settings: Pick<ContextSettings, "recentTurnsToKeep">;
  readonly history: readonly Pick<WindowTurn, "turnIndex">[];
  readonly readsFromTurnIndex: number;
}

/** The oldest turn that stays word for word: whole turns count, however many messages each has. */
export function oldestRecentTurnIndex({ settings, history, readsFromTurnIndex }: RecentTurns): number {
  const whole = history.filter(({ turnIndex }) => turnIndex >= readsFromTurnIndex);
  return whole.at(-settings.recentTurnsToKeep)?.turnIndex ?? readsFromTurnIndex;
}

export function replaceBySummary(summary: WindowSummary | null, draft: Draft): Draft {
  if (summary === null) return draft;
  return cutOldest(draft, {
    rule: "replaced_by_summary",
    mayCut: (unit) => unit.throughTurnIndex <= summary.coversThroughTurnIndex,
    isEnough: () => false,
  });
}

export function pruneHistory(draft: Draft, { pruneAt, most }: PruneLimits): Draft {
  const withoutReplies = cutOldest(draft, {
    rule: "pruned_oldest_reply",
    mayCut: ({ messages }) => messages.every(isReply),
    isEnough: (tokens) => tokens < pruneAt,
  });
  return cutOldest(withoutReplies, {
    rule: "pruned_oldest_turn",
    mayCut: () => true,
    isEnough: (tokens) => tokens <= most,
  });
}

export function remainingHistory(history: readonly WindowTurn[], draft: Draft): readonly WindowTurn[] {
  return withoutMessages(history, new Set(draft.removed.map(({ messageId }) => messageId)));
}

interface CutPlan {
  readonly rule: RemoveRule;
  readonly mayCut: (unit: Unit) => boolean;
  readonly isEnough: (tokens: number) => boolean;
}

function cutOldest(draft: Draft, { rule, mayCut, isEnough }: CutPlan): Draft {
  let { tokens } = draft;
  const removed = [...draft.removed];
  const units = draft.units.filter((unit) => {
    if (isEnough(tokens) || !mayCut(unit)) return true;
    for (const { id, tokens: freed } of unit.messages) {
      tokens -= freed;
      removed.push({ messageId: id, rule });
    }
    return false;
  });
  return { tokens, removed, units };
}

function isReply({ author }: WindowMessage): boolean {
  return author.kind === "agent" || author.kind === "failed_agent";
}
