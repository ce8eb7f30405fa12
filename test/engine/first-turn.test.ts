import { afterAll, beforeAll, expect, it } from "vitest";
import { type EngineWorld, openEngineWorld } from "../support/engine.ts";

let world: EngineWorld;

beforeAll(async () => {
  world = await openEngineWorld();
});
afterAll(() => world.stop());

it("runs a round table of three agents in order, each seeing those before", async () => {
  const { send, finish } = await world.furnish(["ada", "bob", "cyd"]);
  const created = await send("How do we launch on Friday?");
  expect(created.status).toBe("queued");
  const turn = await finish(created);
  expect(turn.status).toBe("completed");
  expect(turn.steps.map((step) => [step.agent_key, step.status])).toEqual([
    ["ada", "done"],
    ["bob", "done"],
    ["cyd", "done"],
  ]);
});
