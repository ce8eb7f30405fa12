import { afterAll, beforeAll } from "vitest";
import { startNeon } from "../../src/local/neon/start.ts";
import { defaultMigrationsFolder } from "../../src/local/postgres/migration-files.ts";
import { openPglite, type PgliteBackend } from "../../src/local/postgres/pglite.ts";
import { readDump } from "../support/database.ts";
import { type Bench, openBench } from "./engine-bench.ts";

export interface PgliteBench {
  readonly bench: Bench;
  /** The database itself, to be read or dumped beside the product. */
  readonly backend: PgliteBackend;
}

/** One for all tests of a file. */
export function usePgliteBench(): () => PgliteBench {
  let opened: PgliteBench | undefined;
  beforeAll(async () => {
    const backend = await openPglite({ loadDataDir: await readDump(defaultMigrationsFolder) });
    const neon = await startNeon({ backend, password: "test-password" });
    const { connectionString, fetchEndpoint } = neon;
    const stop = async () => {
      await neon.stop();
      await backend.close();
    };
    opened = {
      backend,
      bench: await openBench({ database: { backend, neon, connectionString, fetchEndpoint, stop } }),
    };
  });
  afterAll(() => opened?.bench.stop());
  return () => {
    if (opened === undefined) throw new Error("the bench opens before the first test");
    return opened;
  };
}
