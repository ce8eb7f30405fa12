import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Throttle } from "../../src/ports/throttle.ts";

export interface ThrottleHarness {
  /** A throttle of its own, with a limit of three a minute, on the clock of `Date`. */
  readonly throttle: Throttle;
  setAvailable(isAvailable: boolean): Promise<void> | void;
  stop(): Promise<void>;
}

export function throttleContract(name: string, createHarness: () => Promise<ThrottleHarness>): void {
  describe(`throttle contract: ${name}`, () => {
    let harness: ThrottleHarness;

    beforeEach(async () => {
      vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-01T12:00:15Z") });
      harness = await createHarness();
    });
    afterEach(async () => {
      await harness.stop();
      vi.useRealTimers();
    });

    it("counts the quota down and then refuses, telling when it is back", async () => {
      const { throttle } = harness;
      const common = { limit: 3, resetSeconds: 45 };
      expect(await throttle.take("ada")).toEqual({ kind: "allowed", remaining: 2, ...common });
      expect(await throttle.take("ada")).toEqual({ kind: "allowed", remaining: 1, ...common });
      expect(await throttle.take("ada")).toEqual({ kind: "allowed", remaining: 0, ...common });
      expect(await throttle.take("ada")).toEqual({ kind: "refused", remaining: 0, ...common });
      expect(await throttle.take("ada")).toEqual({ kind: "refused", remaining: 0, ...common });
    });

    it("counts each caller alone", async () => {
      for (let index = 0; index < 4; index += 1) await harness.throttle.take("ada");
      expect(await harness.throttle.take("bob")).toMatchObject({ kind: "allowed", remaining: 2 });
    });

    it("gives the whole quota back when the told time has passed", async () => {
      for (let index = 0; index < 4; index += 1) await harness.throttle.take("ada");
      vi.setSystemTime(Date.now() + 44_000);
      expect((await harness.throttle.take("ada")).kind).toBe("refused");
      vi.setSystemTime(Date.now() + 1_000);
      expect(await harness.throttle.take("ada")).toMatchObject({ kind: "allowed", remaining: 2 });
    });

    it("says unavailable while it cannot count, and counts again afterwards", async () => {
      await harness.setAvailable(false);
      expect(await harness.throttle.take("ada")).toEqual({ kind: "unavailable" });
      await harness.setAvailable(true);
      expect((await harness.throttle.take("ada")).kind).toBe("allowed");
    });

    it("never lets more in than the quota, asked all at once", async () => {
      const verdicts = await Promise.all(Array.from({ length: 8 }, () => harness.throttle.take("ada")));
      expect(verdicts.filter(({ kind }) => kind === "allowed")).toHaveLength(3);
    });
  });
}
