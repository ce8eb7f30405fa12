import * as z from "zod";
import { type Reconciliation, reconcile } from "./postgres/reconcile.ts";
import { openServer } from "./postgres/server.ts";

const Environment = z.object({ DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) });

async function main(): Promise<Reconciliation> {
  const environment = Environment.safeParse(process.env);
  if (!environment.success) throw new Error("DATABASE_URL must be a postgresql:// URL");
  const backend = await openServer(environment.data.DATABASE_URL);
  try {
    return await reconcile(backend);
  } finally {
    await backend.close();
  }
}

try {
  const reconciliation = await main();
  console.log(JSON.stringify(reconciliation));
  if (reconciliation.mismatches > 0) process.exitCode = 1;
} catch (error) {
  console.error(`reconcile failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
