import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export interface ChaosOptions {
  readonly seed: string;
  readonly numbers: readonly number[];
  readonly workers: number;
  readonly withKills: boolean;
}

export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      schedules: { type: "string", default: "200" },
      only: { type: "string" },
      workers: { type: "string", default: String(availableParallelism()) },
      "skip-kills": { type: "boolean", default: false },
    },
  });
  const only = values.only === undefined ? null : countOf("only", values.only);
  const schedules = countOf("schedules", values.schedules);
  return {
    seed: values.seed,
    numbers: only === null ? Array.from({ length: schedules }, (_, index) => index + 1) : [only],
    workers: Math.max(1, countOf("workers", values.workers)),
    withKills: !values["skip-kills"] && only === null,
  };
}

function countOf(name: string, value: string): number {
  if (!/^\d{1,7}$/.test(value)) throw new Error(`--${name} must be a whole number, not "${value}".`);
  return Number(value);
}
