export interface ShiftableClock {
  /** Ends early when the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Waits until `release` or until the signal aborts. */
  hang(signal: AbortSignal): Promise<void>;
  advance(ms: number): void;
  setScale(scale: number): void;
  release(): void;
  waiting(): number;
}

interface Sleeper {
  remainingMs: number;
  sleptFrom: number;
  timer: NodeJS.Timeout | undefined;
  readonly wake: () => void;
}

/** Delays that a test can shorten: by a scale from the start, or by moving the clock while they run. */
export function createShiftableClock(): ShiftableClock {
  const sleepers = new Set<Sleeper>();
  let scale = 1;

  const schedule = (sleeper: Sleeper) => {
    clearTimeout(sleeper.timer);
    sleeper.sleptFrom = performance.now();
    if (sleeper.remainingMs <= 0) return sleeper.wake();
    if (Number.isFinite(sleeper.remainingMs)) sleeper.timer = setTimeout(sleeper.wake, sleeper.remainingMs * scale);
  };
  const settle = (sleeper: Sleeper) => {
    const elapsed = scale === 0 ? Number.MAX_SAFE_INTEGER : (performance.now() - sleeper.sleptFrom) / scale;
    sleeper.remainingMs -= elapsed;
  };
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(sleeper.timer);
        sleepers.delete(sleeper);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper: Sleeper = { remainingMs: ms, sleptFrom: 0, timer: undefined, wake };
      if (signal.aborted) return resolve();
      signal.addEventListener("abort", wake);
      sleepers.add(sleeper);
      schedule(sleeper);
    });

  return {
    sleep,
    hang: (signal) => sleep(Number.POSITIVE_INFINITY, signal),
    advance(ms) {
      for (const sleeper of [...sleepers]) {
        if (!Number.isFinite(sleeper.remainingMs)) continue;
        settle(sleeper);
        sleeper.remainingMs -= ms;
        schedule(sleeper);
      }
    },
    setScale(next) {
      for (const sleeper of sleepers) if (Number.isFinite(sleeper.remainingMs)) settle(sleeper);
      scale = next;
      for (const sleeper of [...sleepers]) schedule(sleeper);
    },
    release() {
      for (const sleeper of [...sleepers]) sleeper.wake();
    },
    waiting: () => sleepers.size,
  };
}
