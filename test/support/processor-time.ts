import { expect } from "vitest";

/** Both are timed in turns, and the least of several runs says what each takes: others only ever add to it. */
const [fewRuns, maxRuns] = [3, 12];
/** The widest of today's figures is a fifth of it; work that grows with the square of a text is far beyond. */
const maxPasses = 150;
const letters = "word <and> 日本語 ".repeat(70_000);

const figures: Record<string, number> = {};
/** For whoever reads them. */
export function printFigures(): void {
  console.log(JSON.stringify(figures));
}

/** Takes no more of the processor than so many passes over a million letters do in the same process. */
export function bounded<Result>(name: string, act: () => Result): Result {
  let [least, minPass] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let result = act();
  for (let run = 0; run < fewRuns || (run < maxRuns && least > maxPasses * minPass); run += 1) {
    minPass = Math.min(minPass, processorMs(passOver));
    least = Math.min(
      least,
      processorMs(() => {
        result = act();
      }),
    );
  }
  figures[name] = Number((least / minPass).toFixed(1));
  expect(least / minPass).toBeLessThan(maxPasses);
  return result;
}

function processorMs(act: () => void): number {
  const begun = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

function passOver(): number {
  let sum = 0;
  for (let place = 0; place < letters.length; place += 1) sum += letters.charCodeAt(place) % 7;
  return sum;
}
