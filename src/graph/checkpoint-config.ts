import type { RunnableConfig } from "@langchain/core/runnables";
import { PantheonError } from "../contract/errors.ts";
import type { CheckpointKey } from "../ports/checkpoints.ts";

type ConfigKey = "thread_id" | "checkpoint_ns" | "checkpoint_id";

export function configOf({ threadId, namespace, checkpointId }: CheckpointKey): RunnableConfig {
  return { configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpointId } };
}

export function textIn(config: RunnableConfig, key: ConfigKey): string | null {
  const value: unknown = config.configurable?.[key];
  return typeof value === "string" ? value : null;
}

export function needed(config: RunnableConfig, key: ConfigKey): string {
  const value = textIn(config, key);
  if (value === null || value === "") throw new PantheonError("internal", `A checkpoint needs a ${key} in its config.`);
  return value;
}
