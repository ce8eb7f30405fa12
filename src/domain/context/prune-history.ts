import { unitsOf, withoutMessages } from "./units.ts";
import { recentFromTurnIndex, type SummaryGround } from "./when-to-summarize.ts";
import type { CutMessage, RemoveRule, WindowMessage, WindowTurn } from "./window.ts";

export interface Draft {
  readonly history: readonly WindowTurn[];
  readonly current: WindowTurn;
  /** Of all but the summary. */
  readonly tokens: number;
  readonly removed: readonly CutMessage[];
}

export interface PruneLimits {
  /** Old replies go until there are fewer than this. */
  readonly pruneAt: number;
  /** Old turns go until there are no more than this. */
  readonly most: number;
}

export function replaceBySummary(ground: SummaryGround, draft: Draft): Draft {
  const { summary } = ground;
  if (summary === null) return draft;
  return cutOldest(ground, draft, {
    rule: "replaced_by_summary",
    mayCut: (_message, turn) => turn.turnIndex <= summary.coversThroughTurnIndex,
    isEnough: () => false,
  });
}

export function pruneHistory(ground: SummaryGround, draft: Draft, { pruneAt, most }: PruneLimits): Draft {
  const withoutReplies = cutOldest(ground, draft, {
    rule: "pruned_oldest_reply",
    mayCut: isReply,
    isEnough: (tokens) => tokens < pruneAt,
  });
  return cutOldest(ground, withoutReplies, {
    rule: "pruned_oldest_turn",
    mayCut: () => true,
    isEnough: (tokens) => tokens <= most,
  });
}

interface CutPlan {
  readonly rule: RemoveRule;
  readonly mayCut: (message: WindowMessage, turn: WindowTurn) => boolean;
  readonly isEnough: (tokens: number) => boolean;
}

function cutOldest(ground: SummaryGround, draft: Draft, { rule, mayCut, isEnough }: CutPlan): Draft {
  const recentFrom = recentFromTurnIndex(ground);
  const gone = new Set<string>();
  let { tokens } = draft;
  for (const unit of unitsOf([...draft.history, draft.current])) {
    if (isEnough(tokens)) break;
    const isCut = unit.every(({ turn, message }) => {
      const isOld = turn.isResolved && turn.turnIndex < recentFrom;
      return isOld && !isProtected(message) && mayCut(message, turn);
    });
    if (!isCut) continue;
    for (const { message } of unit) {
      tokens -= message.tokens;
      gone.add(message.id);
    }
  }
  const removed = [...draft.removed, ...[...gone].map((messageId) => ({ messageId, rule }))];
  return { ...draft, history: withoutMessages(draft.history, gone), tokens, removed };
}

function isProtected(message: WindowMessage): boolean {
  return message.isPinned || message.author.kind === "summary";
}

function isReply({ author }: WindowMessage): boolean {
  return author.kind === "agent" || author.kind === "failed_agent";
}
