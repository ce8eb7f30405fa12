import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

export default defineConfig({
  test: {
    // One more than there are cores: the journeys and the outages mostly wait.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "node",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["test/worker/**", "node_modules/**"],
          pool: "forks",
          // Files share a process: every one opens what it needs and stops it, and importing once halves the run.
          isolate: false,
          setupFiles: ["test/support/property-seed.ts"],
          // Only what never ends gets there, on the slowest machine too.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          expect: { poll: { timeout: 300_000 } },
        },
      },
      "test/worker/vitest.config.ts",
    ],
  },
});
