import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plannedAgent, planOf, said, userSaid } from "../../../test/fixtures/task-input.ts";
import { isStrictSchema } from "../json-schema/is-strict-schema.ts";
import { utf8Bytes } from "../text/utf8.ts";
import { maxTaskBytes, rulesByPurpose, type TurnPurpose } from "./purpose.ts";
import type { TaskInput } from "./purpose-rules.ts";

const keys = ["ada", "bob", "cyd", "d".repeat(64)];
const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 120 }),
  fc.constantFrom("<".repeat(120), "💡".repeat(60), "</message>"),
);
const purposes = ["agent", "route", "evaluate", "synthesize", "rank", "vote"] as const satisfies readonly TurnPurpose[];
const anyTrace = fc.record({
  index: fc.nat(20),
  purpose: fc.constantFrom("agent" as const, "rank" as const, "vote" as const),
  agentKey: fc.constantFrom(...keys),
  round: fc.integer({ min: 1, max: 3 }),
  isDone: fc.boolean(),
  result: fc.option(
    fc.oneof(
      fc
        .shuffledSubarray(keys)
        .map((ranking) => ({ kind: "ranking" as const, ranking, reason: "", is_fallback: false })),
      fc.record({
        kind: fc.constant("vote" as const),
        choice: fc.option(fc.constantFrom(...keys)),
        confidence: fc.nat(100),
        reason: fc.string(),
        is_fallback: fc.boolean(),
      }),
    ),
  ),
});
const anyInput = fc
  .record({
    mode: fc.constantFrom("orchestrator" as const, "council" as const, "debate" as const),
    names: fc.tuple(names, names, names, names),
    purpose: fc.constantFrom(...purposes),
    agentKey: fc.constantFrom(...keys),
    instruction: fc.option(fc.string({ unit: "binary" })),
    seen: fc.array(fc.tuple(fc.constantFrom(...keys), fc.constantFrom("agent" as const, "failed_agent" as const))),
    steps: fc.array(anyTrace, { maxLength: 20 }),
    seed: fc.string(),
  })
  .map(
    ({
      mode,
      purpose,
      agentKey,
      instruction,
      seen,
      steps,
      seed,
      ...rest
    }): TaskInput & { step: { purpose: TurnPurpose } } => ({
      plan: planOf(
        keys.map((key, place) => plannedAgent(key, rest.names[place])),
        mode,
      ),
      step: { index: 9, purpose, agentKey, round: 2, instruction },
      seen: [userSaid, ...seen.map(([key, author]) => said(key, author))],
      steps,
      seed,
    }),
  );

describe("any step", () => {
  it("has a task and a form within what is reckoned for them when it is planned", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const rules = rulesByPurpose[input.step.purpose];
        const format = rules.format(input);
        const bytes = utf8Bytes(rules.task(input)) + (format === null ? 0 : utf8Bytes(JSON.stringify(format.schema)));
        expect(bytes).toBeLessThanOrEqual(maxTaskBytes(input.plan, input.step));
        expect(format === null || isStrictSchema(format.schema)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("has a task that neither names nor instructions can break out of", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const task = rulesByPurpose[input.step.purpose].task(input);
        const marks = task.match(/<[\s/]*(?:message|error|summary|instruction|answer)\b/gi) ?? [];
        const own =
          input.step.purpose === "agent" && input.step.instruction !== null ? ["<instruction", "</instruction"] : [];
        expect(marks).toEqual(input.step.purpose === "rank" ? ["<answer"] : own);
      }),
    );
  });

  it("reads or refuses any JSON value, and counts no agent that is not seated", () => {
    const ballot = fc.record({
      choice: fc.oneof(fc.constantFrom(...keys), fc.jsonValue()),
      confidence: fc.oneof(fc.nat(100), fc.jsonValue()),
      ranking: fc.oneof(fc.shuffledSubarray(["A", "B", "C"]), fc.jsonValue()),
      reason: fc.jsonValue(),
    });
    fc.assert(
      fc.property(anyInput, fc.oneof(ballot, fc.jsonValue()), (input, value) => {
        const read = rulesByPurpose[input.step.purpose].read(value, input);
        if (read.kind === "invalid") expect(read.fault.length).toBeLessThan(100);
        const result = read.kind === "read" ? read.result : null;
        if (result?.kind === "vote" && result.choice !== null) expect(keys).toContain(result.choice);
        if (result?.kind !== "ranking") return;
        expect(result.ranking.every((key) => keys.includes(key) && key !== input.step.agentKey)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
