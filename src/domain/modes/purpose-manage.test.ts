import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  garbageRoutings,
  oddRoutings,
  oneAssignment,
  routingOf,
  routingWith,
} from "../../../test/fixtures/garbage-routings.ts";
import { plannedAgent, planOf, userSaid } from "../../../test/fixtures/task-input.ts";
import type { Assignment, StepResult } from "../../contract/step-results.ts";
import { isStrictSchema } from "../json-schema/is-strict-schema.ts";
import type { StepTrace } from "../plan/mode-rules.ts";
import { managerKey, type StepPurpose } from "../plan/plan.ts";
import { managerLimits, maxInstructionBytes } from "./assignments.ts";
import { evaluatePurpose, routePurpose } from "./purpose-manage.ts";
import type { TaskInput } from "./purpose-rules.ts";

const seats = ["ada", "Bob", "cyd", "dan"].map((key) => plannedAgent(key));
const plan = planOf(seats, "orchestrator");
const trace = (
  index: number,
  purpose: StepPurpose,
  agentKey: string,
  round: number,
  result: StepResult | null = null,
): StepTrace => ({
  index,
  purpose,
  agentKey,
  round,
  isDone: true,
  result,
});
const inputOf = (purpose: "route" | "evaluate", steps: readonly StepTrace[] = [], round = 1): TaskInput => ({
  plan,
  step: { index: steps.length, purpose, agentKey: managerKey, round, instruction: null },
  seen: [userSaid],
  steps,
  seed: "turn",
});
const routing = inputOf("route");

const assignmentsOf = (result: StepResult | null): readonly Assignment[] =>
  result?.kind === "routing" || result?.kind === "evaluation" ? result.assignments : [];

describe("a routing", () => {
  it(`is not made of any of ${garbageRoutings.length} shapes of garbage, and then falls back to the roster`, () => {
    expect(garbageRoutings.length).toBeGreaterThanOrEqual(50);
    for (const value of garbageRoutings)
      expect([value, routePurpose.read(value, routing).kind]).toEqual([value, "invalid"]);
    const fallback = routePurpose.fallback(routing);
    expect(fallback).toMatchObject({ text: null, result: { kind: "routing", order: "parallel", is_fallback: true } });
    expect(assignmentsOf(fallback?.result ?? null).map(({ agent_key }) => agent_key)).toEqual(["ada", "Bob", "cyd"]);
  });

  it.each(oddRoutings)("is read from one with %s", (_case, value, expected) => {
    const read = routePurpose.read(value, routing);
    if (read.kind === "invalid") throw new Error(read.fault);
    expect(assignmentsOf(read.result).map(({ agent_key, instruction }) => [agent_key, instruction])).toEqual(expected);
    expect(read.text).toBeNull();
  });

  it("keeps no more of an instruction than it may be long, and never half a character", () => {
    const read = routePurpose.read(routingOf({ agent_key: "ada", instruction: `a${"💡".repeat(500_000)}` }), routing);
    const instruction = read.kind === "read" ? assignmentsOf(read.result)[0]?.instruction : undefined;
    expect(instruction).toBe(`a${"💡".repeat(maxInstructionBytes / 4 - 1)}`);
  });

  it("keeps the order that the manager chose", () => {
    expect(routePurpose.read(routingWith({ order: "Sequence" }), routing)).toMatchObject({
      result: { order: "sequence" },
    });
  });

  it("of any JSON value is read within the bounds or invalid, with a fault that is short and holds none of it", () => {
    const shaped = fc.record(
      {
        reason: fc.jsonValue(),
        verdict: fc.oneof(fc.constantFrom("continue", "finish"), fc.jsonValue()),
        order: fc.oneof(fc.constantFrom("parallel", "sequence"), fc.jsonValue()),
        assignments: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.oneof(
              fc.jsonValue(),
              fc.record({
                agent_key: fc.oneof(fc.constantFrom("ada", "BOB", "@cyd", "zoe", managerKey), fc.jsonValue()),
                instruction: fc.oneof(fc.string({ minLength: 1 }), fc.jsonValue()),
              }),
            ),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(shaped, fc.jsonValue()), (value) => {
        for (const rules of [routePurpose, evaluatePurpose]) {
          const read = rules.read(value, inputOf("evaluate"));
          if (read.kind === "invalid") {
            expect(read.fault.length).toBeLessThan(100);
            expect(read.fault).not.toContain("zoe");
            continue;
          }
          const keys = assignmentsOf(read.result).map(({ agent_key }) => agent_key);
          expect(keys.every((key) => ["ada", "Bob", "cyd", "dan"].includes(key))).toBe(true);
          expect(new Set(keys).size).toBe(keys.length);
          expect(keys.length).toBeLessThanOrEqual(managerLimits.agentsPerRound);
          expect(read.text).toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a judgement", () => {
  const first = trace(0, "route", managerKey, 1, {
    kind: "routing",
    assignments: [oneAssignment],
    order: "parallel",
    reason: "",
    is_fallback: false,
  });
  const judging = inputOf("evaluate", [first, trace(1, "agent", "ada", 1)]);

  it.each([
    ["finishes", { verdict: "Finish", reason: "Enough." }, "finish", []],
    ["finishes whatever else it says", routingWith({ verdict: "finish" }), "finish", []],
    [
      "goes on",
      routingWith({ verdict: "continue", assignments: [{ agent_key: "ada", instruction: "More." }] }),
      "continue",
      ["ada"],
    ],
    ["is over when it only asks what was asked", routingWith({ verdict: "continue" }), "finish", []],
    [
      "keeps what is new",
      routingWith({ verdict: "continue", assignments: [oneAssignment, { agent_key: "dan", instruction: "Look." }] }),
      "continue",
      ["dan"],
    ],
  ])("%s", (_case, value, verdict, keys) => {
    const read = evaluatePurpose.read(value, judging);
    expect(read).toMatchObject({ kind: "read", result: { kind: "evaluation", verdict, is_fallback: false } });
    expect(read.kind === "read" && assignmentsOf(read.result).map(({ agent_key }) => agent_key)).toEqual(keys);
  });

  it.each([null, {}, { verdict: true }, { verdict: "go on" }, routingWith({ verdict: "continue", assignments: [] })])(
    "is not made of %j",
    (value) => {
      expect(evaluatePurpose.read(value, judging).kind).toBe("invalid");
    },
  );

  it("that cannot be read finishes", () => {
    expect(evaluatePurpose.fallback(judging)).toMatchObject({
      result: { verdict: "finish", is_fallback: true },
      text: null,
    });
  });

  it("is asked for with the bounds and those who may still be asked", () => {
    const later = inputOf(
      "evaluate",
      [trace(0, "agent", "ada", 1), trace(1, "agent", "ada", 2), trace(2, "agent", "cyd", 2)],
      2,
    );
    const task = evaluatePurpose.task(later);
    expect(task).toContain("Round 2 of at most 3");
    expect(task).toContain("choose from: Bob, cyd, dan\n");
    expect(JSON.stringify(evaluatePurpose.format(later))).toContain('"enum":["Bob","cyd","dan"]');
  });
});

it.each([routePurpose, evaluatePurpose])(
  "asks for a form that is strict and names the seated agents only: %#",
  ({ format, task }) => {
    const form = format(inputOf("evaluate"));
    expect(isStrictSchema(form?.schema ?? {})).toBe(true);
    expect(JSON.stringify(form)).toContain('"enum":["ada","Bob","cyd","dan"]');
    expect(task(inputOf("evaluate"))).not.toContain("SECRET");
  },
);
