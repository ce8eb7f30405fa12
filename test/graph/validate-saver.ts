import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import {
  type CheckpointSaverTestInitializer,
  deltaChannelHistoryTests,
  validate,
} from "@langchain/langgraph-checkpoint-validation";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

/** The library's own suite, with the part that it leaves to choice; it takes its tools from the globals. */
export function validateSaver(initializer: CheckpointSaverTestInitializer<BaseCheckpointSaver>): void {
  Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it });
  validate(initializer);
  deltaChannelHistoryTests(initializer);
}
