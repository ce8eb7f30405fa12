/** One law: what breaks it, one line or block each; nothing when it holds. */
export interface Check {
  readonly name: string;
  run(): Promise<Verdict>;
}

export interface Verdict {
  readonly findings: readonly string[];
  /** What was looked at, or why there was nothing to look at. */
  readonly note: string;
}

export interface CheckResult extends Verdict {
  readonly name: string;
  readonly seconds: number;
}

export type OnResult = (result: CheckResult) => void;

/** Runs every check, at most `lanes` at once, in the order given. */
export async function runChecks(
  checks: readonly Check[],
  lanes: number,
  onResult: OnResult,
): Promise<readonly CheckResult[]> {
  const waiting = [...checks];
  const results: CheckResult[] = [];
  async function lane(): Promise<void> {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const result = await runCheck(check);
      results.push(result);
      onResult(result);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** A check that throws is a check that failed, never one that was passed over. */
async function runCheck(check: Check): Promise<CheckResult> {
  const start = performance.now();
  const verdict = await check.run().catch((error: unknown) => ({ findings: [describeError(error)], note: "threw" }));
  return { name: check.name, ...verdict, seconds: (performance.now() - start) / 1000 };
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export function summaryLine(result: CheckResult): string {
  const mark = result.findings.length === 0 ? "ok  " : "FAIL";
  return `${mark}  ${result.name.padEnd(22)} ${result.seconds.toFixed(1).padStart(5)} s  ${result.note}`;
}

export function failureReport(results: readonly CheckResult[]): string {
  return results
    .filter((result) => result.findings.length > 0)
    .map((result) => `\n── ${result.name} ──\n${result.findings.join("\n")}`)
    .join("\n");
}
