import { expect, it } from "vitest";
import { createDeltaPublisher } from "../../src/app/engine/publish-deltas.ts";
import { createFakeLive } from "../fakes/live.ts";

/** Somebody who speaks, and a clock that only the test moves. */
function world() {
  const live = createFakeLive();
  const turn = crypto.randomUUID();
  let nowMs = 0;
  const clock = { now: () => new Date(nowMs) };
  const deltaPublisher = createDeltaPublisher(
    { clock, live },
    { turn, step: crypto.randomUUID(), agentKey: "ada", token: 1 },
  );
  const say = async (text: string, afterMs = 0) => {
    nowMs += afterMs;
    deltaPublisher.onDelta(text, 0);
    await deltaPublisher.settled();
  };
  const ear = () => {
    const listener = live.listen(turn);
    return async () => {
      const signal = await listener.next(1);
      return signal?.kind === "delta" ? signal.delta.data : null;
    };
  };
  return { say, ear };
}

it("sends the first words at once, and the next with all that came in between", async () => {
  const { say, ear } = world();
  const hears = ear();
  await say("Hel");
  expect(await hears()).toMatchObject({ attempt: "1.0", offset: 0, text: "Hel" });
  await say("lo", 40);
  expect(await hears()).toBeNull();
  await say(" you", 60);
  expect(await hears()).toMatchObject({ offset: 3, text: "lo you" });
});

it("tells a watcher who comes a moment late the reply from its beginning", async () => {
  const { say, ear } = world();
  await say("Hel");
  const hears = ear();
  await say("lo", 99);
  expect(await hears()).toBeNull();
  await say("!", 1);
  expect(await hears()).toMatchObject({ offset: 0, text: "Hello!" });
});
