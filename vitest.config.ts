import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/worker/**", "node_modules/**"],
    pool: "forks",
    // Files share a process: every one opens what it needs and stops it, and importing once halves the run.
    isolate: false,
    // One more than there are cores: the journeys and the outages mostly wait.
    maxWorkers: 3,
    setupFiles: ["test/support/property-seed.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
