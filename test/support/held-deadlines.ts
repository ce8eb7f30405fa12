import { expect, vi } from "vitest";
import type { OpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { eventually } from "./eventually.ts";

export interface HeldDeadlines {
  expire(): void;
  restore(): void;
}

/** Time-outs of so many milliseconds end when the test says so, and never by themselves. */
export function holdDeadlines(heldMs: number): HeldDeadlines {
  const held = new Set<AbortController>();
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    if (ms !== heldMs) return timeout(ms);
    const controller = new AbortController();
    held.add(controller);
    return controller.signal;
  });
  return {
    expire: () => {
      for (const controller of held) controller.abort(new DOMException("The time is up.", "TimeoutError"));
      held.clear();
    },
    restore: () => spy.mockRestore(),
  };
}

/** Returns when a call hangs and its caller has read what was written before: turns of the loop, however long they take. */
export async function untilCallHangs(model: Pick<OpenRouter, "waiting">): Promise<void> {
  await eventually(() => expect(model.waiting()).toBe(1));
  for (let round = 0; round < 100; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
