import * as z from "zod";
import { migrate } from "./postgres/migrate.ts";
import { openServer } from "./postgres/server.ts";

const Environment = z.object({ DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) });

async function main(): Promise<string> {
  const environment = Environment.safeParse(process.env);
  if (!environment.success) throw new Error("DATABASE_URL must be a postgresql:// URL");
  const backend = await openServer(environment.data.DATABASE_URL);
  try {
    const { applied } = await migrate(backend);
    return `migrations applied: ${applied}`;
  } finally {
    await backend.close();
  }
}

try {
  console.log(await main());
} catch (error) {
  console.error(`migrations failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
