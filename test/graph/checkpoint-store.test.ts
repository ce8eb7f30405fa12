import { Annotation, END, GraphInterrupt, START, StateGraph } from "@langchain/langgraph";
import { type BaseCheckpointSaver, emptyCheckpoint, INTERRUPT, uuid6 } from "@langchain/langgraph-checkpoint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSaver } from "../../src/graph/saver.ts";
import type { CheckpointStore } from "../../src/ports/checkpoints.ts";
import { openAnyDatabase, type TestDatabase } from "../support/database.ts";
import { errorOf } from "../support/error-of.ts";
import { storeIn } from "./checkpoint-database.ts";

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openAnyDatabase();
});
afterAll(() => opened.stop());

const metadata = { source: "loop", step: 0, parents: {} } as const;
const inThread = (threadId: string) => ({ configurable: { thread_id: threadId, checkpoint_ns: "" } });

function putValues(saver: BaseCheckpointSaver, parent: object, values: Record<string, unknown>) {
  const versions = Object.fromEntries(Object.keys(values).map((channel) => [channel, saver.getNextVersion(undefined)]));
  const checkpoint = { ...emptyCheckpoint(), id: uuid6(3), channel_values: values, channel_versions: versions };
  return saver.put(parent, checkpoint, metadata, versions);
}

describe("the store in the database", () => {
  test("makes one round trip for each method", async () => {
    const saver = createSaver(storeIn(opened));
    const trips: number[] = [];
    const count = async <T>(work: () => Promise<T>): Promise<T> => {
      opened.neon.resetStats();
      const result = await work();
      trips.push(opened.neon.stats().requests);
      return result;
    };
    const config = await count(() => putValues(saver, inThread("t"), { one: 1, two: 2 }));
    await count(() =>
      saver.putWrites(
        config,
        [
          ["one", 3],
          ["two", 4],
        ],
        "task",
      ),
    );
    await count(() => saver.getTuple(config));
    await count(() => all(saver.list(inThread("t"))));
    await count(() => saver.deleteThread("t"));
    expect(trips).toEqual([1, 1, 1, 1, 1]);
  });

  test("gives back every value as it was: text that Postgres refuses, bytes, and integers of any size", async () => {
    const saver = createSaver(storeIn(opened));
    const values = {
      "odd\u0000channel": 'a\u0000b\ud800c\\u0000"😀',
      bytes: new Uint8Array([0, 1, 254, 255]),
      integers: { deep: [2n ** 80n, -1n], text: "1n" },
      nothing: null,
      set: new Set([1]),
    };
    const config = await putValues(saver, inThread("odd"), values);
    await saver.putWrites(
      config,
      [
        ["bytes", new Uint8Array(20_000).fill(7)],
        ["integers", 5n],
      ],
      "task\u0001",
    );
    const tuple = await saver.getTuple(config);
    expect(tuple?.checkpoint.channel_values).toEqual(values);
    expect(tuple?.pendingWrites).toEqual([
      ["task\u0001", "bytes", new Uint8Array(20_000).fill(7)],
      ["task\u0001", "integers", 5n],
    ]);
  });

  test("keeps what two branches of a thread wrote under the same number apart", async () => {
    const saver = createSaver(storeIn(opened));
    const root = await putValues(saver, inThread("fork"), { word: "root" });
    const [left, right] = [
      await putValues(saver, root, { word: "left" }),
      await putValues(saver, root, { word: "right" }),
    ];
    const words = await Promise.all(
      [root, left, right].map(async (config) => (await saver.get(config))?.channel_values),
    );
    expect(words).toEqual([{ word: "root" }, { word: "left" }, { word: "right" }]);
  });

  test("of special writes the newest counts, of others the first", async () => {
    const saver = createSaver(storeIn(opened));
    const config = await putValues(saver, inThread("special"), {});
    await saver.putWrites(
      config,
      [
        ["word", "first"],
        [INTERRUPT, "a"],
        [INTERRUPT, "b"],
      ],
      "task",
    );
    await saver.putWrites(config, [["word", "second"]], "task");
    await saver.putWrites(config, [[INTERRUPT, "c"]], "task");
    const tuple = await saver.getTuple(config);
    expect(tuple?.pendingWrites).toEqual([
      ["task", INTERRUPT, "c"],
      ["task", "word", "first"],
    ]);
  });

  test("shows an owner nothing of another's", async () => {
    const config = await putValues(createSaver(storeIn(opened)), inThread("mine"), { word: "mine" });
    const other = createSaver(storeIn(opened));
    expect(await other.getTuple(config)).toBeUndefined();
    expect(await all(other.list({}))).toEqual([]);
    await other.deleteThread("mine");
    expect(await all(other.list(inThread("mine")))).toEqual([]);
  });

  test("stores a value once, however many checkpoints share it", async () => {
    const store = countingStore(storeIn(opened));
    const long = "x".repeat(10_000);
    const graph = loopGraph(createSaver(store));
    const state = await graph.invoke({ long, count: 0 }, { ...inThread("long"), durability: "sync" });
    expect(state).toEqual({ long, count: 8 });
    expect(store.checkpoints()).toBeGreaterThan(8);
    expect(store.bytesOfValues()).toBeLessThan(3 * long.length);
  });

  test("lets a graph stop in one process and go on in another", async () => {
    const ownerId = crypto.randomUUID();
    let isStopping = true;
    const stopAt4 = (count: number) => {
      if (isStopping && count === 4) throw new GraphInterrupt([{ value: "stop" }]);
    };
    const first = loopGraph(createSaver(storeIn(opened, ownerId)), stopAt4);
    await first.invoke({ long: "", count: 0 }, inThread("resumed"));
    isStopping = false;
    const second = loopGraph(createSaver(storeIn(opened, ownerId)), stopAt4);
    expect((await second.getState(inThread("resumed"))).values).toEqual({ long: "", count: 4 });
    expect(await second.invoke(null, inThread("resumed"))).toEqual({ long: "", count: 8 });
  });
});

test("without its tables every method fails, and nothing is kept in memory instead", async () => {
  const bare = await openAnyDatabase();
  try {
    for (const table of ["checkpoints", "checkpoint_values", "checkpoint_writes"]) {
      await bare.backend.run({ sql: `drop table ${table}` });
    }
    const saver = createSaver(storeIn(bare));
    const key = { configurable: { thread_id: "t", checkpoint_ns: "", checkpoint_id: "c" } };
    const attempts = [
      () => saver.getTuple(key),
      () => all(saver.list(key)),
      () => putValues(saver, key, { one: 1 }),
      () => saver.putWrites(key, [["one", 1]], "task"),
      () => saver.deleteThread("t"),
      () => loopGraph(saver).invoke({ long: "", count: 0 }, inThread("t")),
    ];
    for (const attempt of attempts) {
      const cause = expect.objectContaining({ message: expect.stringMatching(/"checkpoint\w*" does not exist/) });
      const message = expect.stringMatching(
        /^The database lacks what .+"checkpoint\w*" does not exist.+run the migrations\.$/,
      );
      expect(await errorOf(attempt())).toMatchObject({ code: "dependency_unavailable", message, cause });
    }
  } finally {
    await bare.stop();
  }
});

const LoopState = Annotation.Root({ long: Annotation<string>(), count: Annotation<number>() });

function loopGraph(checkpointer: BaseCheckpointSaver, before: (count: number) => void = () => undefined) {
  return new StateGraph(LoopState)
    .addNode("add", ({ count }) => {
      before(count);
      return { count: count + 1 };
    })
    .addEdge(START, "add")
    .addConditionalEdges("add", ({ count }) => (count < 8 ? "add" : END), ["add", END])
    .compile({ checkpointer });
}

function countingStore(store: CheckpointStore) {
  let bytes = 0;
  let puts = 0;
  return {
    ...store,
    async put(...[checkpoint, values]: Parameters<CheckpointStore["put"]>) {
      puts += 1;
      bytes += checkpoint.checkpoint.length;
      for (const { value } of values) bytes += value.length;
      await store.put(checkpoint, values);
    },
    bytesOfValues: () => bytes,
    checkpoints: () => puts,
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
