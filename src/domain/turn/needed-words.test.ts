import { describe, expect, it } from "vitest";
import { neededWords } from "./rounds.ts";

const step = (step_index: number, ...sees: readonly number[]) => ({ step_index, sees });
const ballots = [step(3, 1, 2), step(4, 0, 2), step(5, 0, 1)];
const said = (position: number) => ({ author: "agent", position }) as const;
const failed = (position: number) => ({ author: "failed_agent", position }) as const;
const user = { author: "user", position: 0 } as const;

describe("what follows in a mode that is about what was said", () => {
  it.each(["council", "debate", "orchestrator"] as const)("needs words of one whom it sees: %s", (mode) => {
    expect(neededWords({ mode }, ballots, [user]).toSorted()).toEqual([0, 1, 2]);
    expect(neededWords({ mode }, ballots, [user, failed(1), failed(3)]).toSorted()).toEqual([0, 1, 2]);
  });

  it("needs none where one is known to have spoken", () => {
    expect(neededWords({ mode: "council" }, ballots, [user, failed(1), said(3)])).toEqual([]);
    expect(neededWords({ mode: "council" }, ballots, [user, said(4)])).not.toEqual([]);
  });

  it("needs none where it sees nothing of before, or only each other", () => {
    expect(neededWords({ mode: "orchestrator" }, [step(1), step(2)], [user])).toEqual([]);
    expect(neededWords({ mode: "orchestrator" }, [step(1), step(2, 1), step(3, 1, 2)], [user])).toEqual([]);
    expect(neededWords({ mode: "orchestrator" }, [step(4, 1), step(5, 1, 4)], [user])).toEqual([1]);
  });

  it("is nothing where nothing follows", () => {
    expect(neededWords({ mode: "debate" }, [], [user])).toEqual([]);
  });
});

it.each(["manual", "roundtable", "summary"] as const)("in any other mode it follows whatever was said: %s", (mode) => {
  expect(neededWords({ mode }, ballots, [user])).toEqual([]);
});
