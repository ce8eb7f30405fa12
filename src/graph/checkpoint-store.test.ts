import { type BaseCheckpointSaver, emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { createInMemoryCheckpointStore } from "./checkpoint-store.ts";
import { createSaver } from "./saver.ts";

const metadata = { source: "loop", step: 0, parents: {} } as const;
const root = { configurable: { thread_id: "step", checkpoint_ns: "" } };

function put(saver: BaseCheckpointSaver, parent: object, values: Record<string, unknown>, changed: readonly string[]) {
  const versions = Object.fromEntries(Object.keys(values).map((channel) => [channel, saver.getNextVersion(undefined)]));
  const newVersions = Object.fromEntries(Object.entries(versions).filter(([channel]) => changed.includes(channel)));
  const checkpoint = { ...emptyCheckpoint(), id: uuid6(3), channel_values: values, channel_versions: versions };
  return saver.put(parent, checkpoint, metadata, newVersions);
}

test("an untouched store has nothing to keep", () => {
  expect(createInMemoryCheckpointStore(null).snapshot()).toBeNull();
});

test("the text holds the newest checkpoint with its writes, and none of those before it", async () => {
  const store = createInMemoryCheckpointStore(null);
  const saver = createSaver(store);
  const old = await put(saver, root, { word: "x".repeat(5000) }, ["word"]);
  await saver.putWrites(old, [["word", "y".repeat(5000)]], "task-1");
  const newest = await put(saver, old, { word: "now", count: 7n }, ["word", "count"]);
  await saver.putWrites(newest, [["word", "next"]], "task-2");

  const text = store.snapshot();
  expect(text?.length).toBeLessThan(2000);
  const later = createSaver(createInMemoryCheckpointStore(text));
  expect(await later.getTuple(root)).toEqual(await saver.getTuple(newest));
  expect(await later.getTuple(root)).toMatchObject({
    checkpoint: { channel_values: { word: "now", count: 7n } },
    pendingWrites: [["task-2", "word", "next"]],
  });
  expect(await later.getTuple(old)).toBeUndefined();
});

test("a text read and written again is the same text", async () => {
  const store = createInMemoryCheckpointStore(null);
  await put(createSaver(store), root, { word: "now" }, ["word"]);
  const text = store.snapshot();
  expect(createInMemoryCheckpointStore(text).snapshot()).toBe(text);
});

test("each namespace keeps its own newest checkpoint", async () => {
  const store = createInMemoryCheckpointStore(null);
  const saver = createSaver(store);
  const child = { configurable: { thread_id: "step", checkpoint_ns: "child" } };
  await put(saver, root, { word: "root" }, ["word"]);
  await put(saver, child, { word: "child" }, ["word"]);
  const later = createSaver(createInMemoryCheckpointStore(store.snapshot()));
  expect((await later.get(root))?.channel_values).toEqual({ word: "root" });
  expect((await later.get(child))?.channel_values).toEqual({ word: "child" });
});
