import { Annotation, END, GraphInterrupt, START, StateGraph } from "@langchain/langgraph";
import { type BaseCheckpointSaver, emptyCheckpoint, INTERRUPT, uuid6 } from "@langchain/langgraph-checkpoint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSaver } from "../../src/graph/saver.ts";
import { openAnyDatabase, type TestDatabase } from "../support/database.ts";
import { openStepPlace, type StepPlace, storeInStep } from "./step-row.ts";

let opened: TestDatabase;
let place: StepPlace;
beforeAll(async () => {
  opened = await openAnyDatabase();
  place = await openStepPlace(opened);
});
afterAll(() => opened.stop());

const metadata = { source: "loop", step: 0, parents: {} } as const;
const inThread = (threadId: string) => ({ configurable: { thread_id: threadId, checkpoint_ns: "" } });

function putValues(saver: BaseCheckpointSaver, parent: object, values: Record<string, unknown>) {
  const versions = Object.fromEntries(Object.keys(values).map((channel) => [channel, saver.getNextVersion(undefined)]));
  const checkpoint = { ...emptyCheckpoint(), id: uuid6(3), channel_values: values, channel_versions: versions };
  return saver.put(parent, checkpoint, metadata, versions);
}

describe("checkpoints in the row of a step", () => {
  test("gives back every value as it was: text that Postgres refuses, bytes, and integers of any size", async () => {
    const saver = createSaver(storeInStep(place));
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
    const saver = createSaver(storeInStep(place));
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
    const saver = createSaver(storeInStep(place));
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

  test("lets a graph stop in one process and go on in another", async () => {
    const step = crypto.randomUUID();
    let isStopping = true;
    const stopAt4 = (count: number) => {
      if (isStopping && count === 4) throw new GraphInterrupt([{ value: "stop" }]);
    };
    const first = loopGraph(createSaver(storeInStep(place, step)), stopAt4);
    await first.invoke({ long: "", count: 0 }, inThread("resumed"));
    isStopping = false;
    const second = loopGraph(createSaver(storeInStep(place, step)), stopAt4);
    expect((await second.getState(inThread("resumed"))).values).toEqual({ long: "", count: 4 });
    expect(await second.invoke(null, inThread("resumed"))).toEqual({ long: "", count: 8 });
  });
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
