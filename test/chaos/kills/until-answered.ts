const patienceMs = 300_000;
const pauseMs = 200;

/** Asks again and again, for what comes back of itself: a process that restarts, a turn that ends. */
export async function untilAnswered<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (const startedAt = performance.now(); ; ) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() - startedAt > patienceMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
