import { constants } from "node:os";

type Stop = () => void | Promise<void>;

export interface Shutdown {
  /** Stops run in the opposite order of their starts. */
  add(stop: Stop): void;
  /** Makes this program alone answer signals, whatever a library has put up since. */
  takeSignals(): void;
  end(exitCode: number): Promise<never>;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const patienceMs = 5_000;

export function createShutdown(): Shutdown {
  const stops: Stop[] = [];
  let ending: Promise<never> | undefined;
  const end = (exitCode: number) => {
    ending ??= endNow(stops, exitCode);
    return ending;
  };
  return {
    add: (stop) => void stops.push(stop),
    takeSignals: () => {
      for (const signal of signals) {
        process.removeAllListeners(signal);
        process.on(signal, () => void end(128 + constants.signals[signal]));
      }
    },
    end,
  };
}

async function endNow(stops: readonly Stop[], exitCode: number): Promise<never> {
  setTimeout(() => process.exit(exitCode), patienceMs);
  for (const stop of stops.toReversed()) {
    try {
      await stop();
    } catch (error) {
      console.error("While ending:", error);
    }
  }
  return process.exit(exitCode);
}
