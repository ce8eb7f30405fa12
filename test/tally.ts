import type { TestModule, Vitest } from "vitest/node";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

type Outcome = keyof Tally;

export function tallyRun(vitest: Vitest): Tally {
  const outcomes = vitest.state.getTestModules().flatMap(moduleOutcomes);
  const strayErrors = vitest.state.getUnhandledErrors().map((): Outcome => "failed");
  return countOutcomes([...outcomes, ...strayErrors]);
}

/** A file or suite that broke outside its tests is one failure more: its tests only count as skipped. */
function moduleOutcomes(module: TestModule): readonly Outcome[] {
  const broken = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  const tests = [...module.children.allTests()].map((test) => testOutcome(test.result().state));
  return [...broken.map((): Outcome => "failed"), ...tests];
}

function testOutcome(state: "passed" | "failed" | "skipped" | "pending"): Outcome {
  return state === "pending" ? "failed" : state;
}

export function countOutcomes(outcomes: readonly Outcome[]): Tally {
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** A run in which no test passed has proved nothing. */
export function tallyExitCode({ passed, failed }: Tally): 0 | 1 {
  return failed === 0 && passed > 0 ? 0 : 1;
}
