import { describe, expect, it } from "vitest";
import { PantheonError } from "../../contract/errors.ts";
import type { Committed, StepCommit } from "../../ports/steps.ts";
import { commitSurely } from "./commit-surely.ts";

const down = new PantheonError("dependency_unavailable", "down");
// Only the ids and the number of calls are looked at here.
const commit = {
  turn: "t",
  step: "s",
  token: 3,
  calls: [{}, {}],
  outcome: "continue",
  checkpoint: "",
} as unknown as StepCommit;
const done: Committed = { kind: "committed", outbox: [] };

function world(answers: readonly (Committed | Error)[]) {
  const sent: StepCommit[] = [];
  const pauses: number[] = [];
  const errors: unknown[] = [];
  const ports = {
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (event: string, fields?: object) => errors.push([event, fields]),
    },
    pause: async (ms: number) => void pauses.push(ms),
    steps: {
      commit: async (each: StepCommit) => {
        const answer = answers[sent.push(each) - 1] ?? done;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  };
  return { ports, sent, pauses, errors };
}

describe("a commit", () => {
  it("is sent once when it is answered", async () => {
    const { ports, sent, pauses } = world([done]);
    expect(await commitSurely(ports, commit)).toBe(done);
    expect([sent, pauses]).toEqual([[commit], []]);
  });

  it("is sent again, the very same, while the database does not answer", async () => {
    const { ports, sent, pauses } = world([down, down, down, done]);
    expect(await commitSurely(ports, commit)).toBe(done);
    expect(sent).toEqual([commit, commit, commit, commit]);
    expect(pauses).toEqual([100, 400, 1000]);
  });

  it("is logged as paid when the database stays away", async () => {
    const { ports, sent, errors } = world([down, down, down, down]);
    await expect(commitSurely(ports, commit)).rejects.toBe(down);
    expect(sent).toHaveLength(4);
    expect(errors).toEqual([["paid_call_not_committed", { turn_id: "t", step_id: "s", calls: 2 }]]);
  });

  it("is logged as paid, and not repeated, when the database refuses it", async () => {
    const refusal = new Error("a check is violated");
    const { ports, sent, errors } = world([refusal]);
    await expect(commitSurely(ports, commit)).rejects.toBe(refusal);
    expect(sent).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });
});
