import type { TestProject } from "vitest/node";
import { startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import { apiKey } from "../graph/gateway-kit.ts";
import { openStepPlace, type StepPlace } from "../graph/step-row.ts";
import { databaseKinds } from "../support/database-kinds.ts";

interface TitledPlace extends StepPlace {
  readonly title: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly stepPlaces: readonly TitledPlace[];
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
  const places = opened.map(async ({ title, database }) => ({ title, ...(await openStepPlace(database)) }));
  project.provide("stepPlaces", await Promise.all(places));
}

export function teardown(): Promise<void> {
  return stop();
}
