import type { UnreadRange } from "./window.ts";

const firstTurnIndex = 1;

/** What lies before the turns that were read whole, without a gap. */
export function unreadRanges(readsFromTurnIndex: number, coversThroughTurnIndex: number): readonly UnreadRange[] {
  const throughTurnIndex = readsFromTurnIndex - 1;
  const replacedThrough = Math.min(coversThroughTurnIndex, throughTurnIndex);
  const ranges: readonly UnreadRange[] = [
    { rule: "replaced_by_summary", fromTurnIndex: firstTurnIndex, throughTurnIndex: replacedThrough },
    { rule: "beyond_window", fromTurnIndex: Math.max(firstTurnIndex, replacedThrough + 1), throughTurnIndex },
  ];
  return ranges.filter((range) => range.fromTurnIndex <= range.throughTurnIndex);
}
