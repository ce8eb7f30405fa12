import type { TestProject } from "vitest/node";
import { startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { apiKey } from "../graph/gateway-kit.ts";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";

interface DatabaseAddress {
  readonly title: string;
  readonly connectionString: string;
  readonly fetchEndpoint: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly databases: readonly DatabaseAddress[];
    readonly modelUrl: string;
  }
}

let stop = async (): Promise<void> => undefined;

/** Starts in Node what the tests in workerd reach by URL alone. */
export async function setup(project: TestProject): Promise<void> {
  const kinds = databaseKinds.filter(({ isMissing }) => !isMissing);
  const opened = await Promise.all(kinds.map(async ({ title, open }) => ({ title, database: await open() })));
  const router = await startOpenRouter({ apiKey });
  stop = async () => {
    await Promise.all([router.stop(), ...opened.map(({ database }) => database.stop())]);
  };
  project.provide("modelUrl", router.baseUrl);
  project.provide("databases", opened.map(toAddress));
}

export function teardown(): Promise<void> {
  return stop();
}

interface Opened {
  readonly title: string;
  readonly database: TestDatabase;
}

function toAddress({ title, database: { connectionString, fetchEndpoint } }: Opened): DatabaseAddress {
  return { title, connectionString, fetchEndpoint };
}
