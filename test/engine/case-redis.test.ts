import { expect, it } from "vitest";
import { Turn } from "../../src/contract/turns.ts";
import { useBench } from "./engine-kit.ts";

const bench = useBench({ isThrottled: true, variables: { TURN_RATE_PER_MINUTE: "2", TURN_RATE_PER_HOUR: "60" } });

it("case 44: without Redis turns run to their end, and what limits them holds", async () => {
  const room = await bench().furnish(["ada", "bob"]);
  await bench().setFaults("redis", { down: true });
  const turn = await room.send("Go");
  expect(await room.finish(turn)).toMatchObject({ status: "completed" });
  expect(bench().logged.some(({ event }) => event === "throttle_unavailable")).toBe(true);
  const begin = () =>
    bench().request("post", `/sessions/${room.session.id}/turns`, { token: room.user.token, body: { message: "Go" } });
  const second = await begin();
  await room.finish(second.json(Turn));
  expect((await begin()).problem()).toMatchObject({ status: 429, code: "rate_limited" });
});
