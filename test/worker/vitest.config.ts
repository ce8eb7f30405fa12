import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// These tests run inside workerd; the stand-ins they talk to run in Node.
export default defineConfig({
  plugins: [
    cloudflareTest({
      miniflare: { compatibilityDate: "2026-11-01", compatibilityFlags: ["nodejs_compat"], cf: false },
    }),
  ],
  test: {
    name: "workerd",
    include: ["**/*.test.ts"],
    globalSetup: [fileURLToPath(new URL("stand-ins.ts", import.meta.url))],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
