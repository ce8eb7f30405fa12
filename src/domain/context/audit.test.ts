import { describe, expect, test } from "vitest";
import { windowToAudit } from "./audit.ts";
import { type FitWindowInput, fitWindow } from "./fit-window.ts";
import { defaultContextSettings } from "./settings.ts";
import type { MessageAuthor, WindowMessage } from "./window.ts";

const plain = { groupId: null, privateTo: null, shortened: null, wrapperTokens: 0 };
const user: MessageAuthor = { kind: "user" };
const ada: MessageAuthor = { kind: "agent", key: "ada", name: "Ada" };
const message = (id: string, author: MessageAuthor, tokens: number): WindowMessage => {
  return { id, author, text: id, tokens, isPinned: false, ...plain };
};
const oversize: FitWindowInput = {
  settings: defaultContextSettings,
  modelLimit: 8192,
  agentKey: "ada",
  promptTokens: 30,
  summary: null,
  history: [1, 2, 3, 4, 5, 6].map((turnIndex) => ({
    turnIndex,
    isResolved: true,
    messages: [message(`u${turnIndex}`, user, 1), message(`a${turnIndex}`, ada, 1)],
  })),
  current: { turnIndex: 100, isResolved: false, messages: [message("now", user, 5501)] },
  readsFromTurnIndex: 1,
};

describe("the audit", () => {
  test("tells what went in, what was cut by which rule, and all figures, also when the call is refused", () => {
    expect(windowToAudit("model-1", fitWindow(oversize), 2)).toEqual({
      modelAlias: "model-1",
      modelContextLimit: 8192,
      inputBudget: 5530,
      outputReserve: 1638,
      overheadReserve: 1024,
      estimateBefore: 5543,
      estimateAfterSummary: 5543,
      estimateAfterPrune: 5539,
      isSummaryWanted: true,
      isPruned: true,
      isRejected: true,
      summaryId: null,
      includedMessageIds: ["u3", "a3", "u4", "a4", "u5", "a5", "u6", "a6", "now"],
      cuts: [
        { messageId: "a1", rule: "pruned_oldest_reply" },
        { messageId: "a2", rule: "pruned_oldest_reply" },
        { messageId: "u1", rule: "pruned_oldest_turn" },
        { messageId: "u2", rule: "pruned_oldest_turn" },
      ],
      ranges: [],
      promptHash: null,
      estimatedByClass: null,
    });
  });

  test("names the summary that was used, first of what went in", () => {
    const summary = { message: message("sum", { kind: "summary" }, 5), coversThroughTurnIndex: 2, madeAtTurnIndex: 2 };
    const audit = windowToAudit("model-1", fitWindow({ ...oversize, modelLimit: 16_384, summary }), null);
    expect(audit.summaryId).toBe("sum");
    expect(audit.includedMessageIds[0]).toBe("sum");
    expect(audit.cuts.map((cut) => cut.rule)).toEqual(Array.from({ length: 4 }, () => "replaced_by_summary"));
  });

  test("tells what was not even read, and names no summary that could not go in", () => {
    const covering = { message: message("sum", { kind: "summary" }, 5), coversThroughTurnIndex: 1, madeAtTurnIndex: 2 };
    const history = oversize.history.slice(2);
    const audit = windowToAudit(
      "model-1",
      fitWindow({ ...oversize, history, readsFromTurnIndex: 3, summary: covering }),
      null,
    );
    expect(audit.summaryId).toBeNull();
    expect(audit.cuts).toEqual([{ messageId: "sum", rule: "pruned_summary" }]);
    expect(audit.ranges).toEqual([
      { rule: "replaced_by_summary", fromTurnIndex: 1, throughTurnIndex: 1 },
      { rule: "beyond_window", fromTurnIndex: 2, throughTurnIndex: 2 },
    ]);
  });
});
