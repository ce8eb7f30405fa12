import type { LiveSignal } from "../../src/contract/turn-events.ts";
import type { Listener, Live } from "../../src/ports/live.ts";

export interface FakeLive extends Live {
  /** Whether anything is heard at all, as with Redis there or gone. */
  setUp(isUp: boolean): void;
  listeners(): number;
}

/** Signals within this process, delivered at once while it is up. */
export function createFakeLive(): FakeLive {
  const ears = new Map<string, Set<(signal: LiveSignal) => void>>();
  let isUp = true;
  return {
    setUp(up) {
      isUp = up;
    },
    listeners: () => [...ears.values()].reduce((sum, of) => sum + of.size, 0),
    async tell(turnId, signal) {
      const hearing = isUp ? [...(ears.get(turnId) ?? [])] : [];
      for (const hear of hearing) hear(signal);
      return hearing.length;
    },
    listen: (turnId) => listen(ears, turnId, () => isUp),
  };
}

function listen(ears: Map<string, Set<(signal: LiveSignal) => void>>, turnId: string, isUp: () => boolean): Listener {
  const waiting: LiveSignal[] = [];
  let wakeUp: (() => void) | null = null;
  const hear = (signal: LiveSignal) => {
    waiting.push(signal);
    wakeUp?.();
  };
  const own = ears.get(turnId) ?? new Set();
  ears.set(turnId, own.add(hear));
  return {
    isOpen: isUp,
    async next(timeoutMs) {
      if (waiting.length > 0) return waiting.shift() ?? null;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wakeUp = null;
      return waiting.shift() ?? null;
    },
    close() {
      own.delete(hear);
      wakeUp?.();
    },
  };
}
