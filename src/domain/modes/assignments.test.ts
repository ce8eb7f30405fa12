import { expect, it } from "vitest";
import { taskInput } from "../../../test/fixtures/task-input.ts";
import type { Assignment } from "../../contract/step-results.ts";
import type { StepTrace } from "../plan/mode-rules.ts";
import { managerKey } from "../plan/plan.ts";
import { evaluatePurpose } from "./purpose-manage.ts";

const asked = (agent_key: string, instruction = "Look again."): Assignment => ({ agent_key, instruction });
const spoke = (index: number, agentKey: string, round: number): StepTrace => {
  return { index, purpose: "agent", agentKey, round, isDone: true, result: null };
};
const routed = (...assignments: Assignment[]): StepTrace => ({
  ...spoke(0, managerKey, 1),
  purpose: "route",
  result: { kind: "routing", assignments, order: "parallel", reason: "", is_fallback: false },
});

/** Whom a judgement asks next that names these, in this order. */
function judge(assignments: readonly Assignment[], steps: readonly StepTrace[]) {
  const read = evaluatePurpose.read(
    { reason: "", verdict: "continue", assignments, order: "parallel" },
    taskInput("evaluate", managerKey, { steps }),
  );
  return read.kind === "read" && read.result?.kind === "evaluation" ? read.result.assignments : read;
}

it("leaves out who may not be asked before a judgement is cut to three", () => {
  const twice = [spoke(1, "ada", 1), spoke(2, "bob", 1), spoke(3, "ada", 2), spoke(4, "bob", 2)];
  const named = ["ada", "bob", "ada", "cyd", "dan"].map((key) => asked(key));
  expect(judge(named, twice)).toEqual([asked("cyd"), asked("dan")]);
});

it("keeps the first new thing that is asked of an agent, whatever is asked of it again", () => {
  const steps = [routed(asked("ada")), spoke(1, "ada", 1)];
  const named = [asked("ada"), asked("ada", "Now the rest."), asked("ada", "And more."), asked("bob")];
  expect(judge(named, steps)).toEqual([asked("ada", "Now the rest."), asked("bob")]);
});

it("admits three and no more of five hundred", () => {
  const named = Array.from({ length: 500 }, (_, index) =>
    asked(["ada", "bob", "cyd", "dan"][index % 4] ?? "", `${index}`),
  );
  expect(judge(named, [spoke(1, "ada", 1)])).toEqual([asked("ada", "0"), asked("bob", "1"), asked("cyd", "2")]);
});
