import { beforeEach, describe, expect, it } from "vitest";
import { useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

describe("a turn of each mode", () => {
  it("is routed, judged and put together by a manager", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"]);
    const turn = await finish(await send("Plan the launch.", { mode: "orchestrator" }));
    console.log(JSON.stringify(turn.steps.map((s) => [s.index, s.purpose, s.agent_key, s.round, s.status, s.result, s.output?.slice(0, 60), s.error]), null, 1));
    expect(turn.status).toBe("completed");
  });
  it("is answered, ranked and summed up by a council", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"]);
    const turn = await finish(await send("Plan the launch.", { mode: "council" }));
    console.log(JSON.stringify(turn.steps.map((s) => [s.index, s.purpose, s.agent_key, s.round, s.status, s.result, s.output?.slice(0, 60), s.error]), null, 1), JSON.stringify(turn.outcome));
    expect(turn.status).toBe("completed");
  });
  it("is debated and voted on", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"]);
    const turn = await finish(await send("Plan the launch.", { mode: "debate" }));
    console.log(JSON.stringify(turn.steps.map((s) => [s.index, s.purpose, s.agent_key, s.round, s.status, s.result, s.output?.slice(0, 60), s.error]), null, 1), JSON.stringify(turn.outcome));
    expect(turn.status).toBe("completed");
  });
});
