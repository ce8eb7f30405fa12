import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/adapters/neon/schema/*.ts",
  out: "./migrations",
});
