import { beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { chatRequests, promptOf, useBench } from "./engine-kit.ts";

const bench = useBench();
const manual = { mode: "manual" };

beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

describe("a manual turn", () => {
  it("asks every tagged agent, in the order of the first tags, whatever their case", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"], manual);
    const turn = await finish(await send("@CYD and @ada, then @cyd again; mail me at me@bob or x+y@ada.example"));
    expect(turn.steps.map((step) => [step.agent_key, step.status])).toEqual([
      ["cyd", "done"],
      ["ada", "done"],
    ]);
    expect(turn.status).toBe("completed");
  });

  it.each([
    ["nobody is tagged", "Hello", "no_valid_tagged_agents"],
    ["only an e-mail address has the sign", "Write to ada@ada.example", "no_valid_tagged_agents"],
    ["a tag is unknown", "@ada and @zoe", "unknown_tagged_agent"],
  ])("is refused when %s", async (_when, message, code) => {
    const { user, session } = await bench().furnish(["ada"], manual);
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, {
      token: user.token,
      body: { message },
    });
    const problem = answer.problem();
    expect(problem).toMatchObject({ status: 422, code });
    if (code === "unknown_tagged_agent") expect(problem.detail).toContain("zoe");
  });

  it.each(["manual", "roundtable"])("is refused in a %s room without agents", async (mode) => {
    const { user, session } = await bench().furnish([], { mode });
    const body = { message: "@ada hello" };
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, { token: user.token, body });
    expect(answer.problem()).toMatchObject({ status: 422, code: "no_room_agents" });
  });

  it("runs its agents side by side, unseen by each other", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"], manual);
    const { openRouter } = bench().cloud.standIns;
    openRouter.setFaults({ hang_before_headers: {} });
    openRouter.setScript(
      ["ada", "bob", "cyd"].map((key) => ({ text: `the words of ${key}`, system_contains: `You are ${key}.` })),
    );
    const created = await send("@ada @bob @cyd: what now?");
    await eventually(() => expect(openRouter.stats().most_at_once).toBe(3));
    openRouter.setFaults({});
    openRouter.release();
    const turn = await finish(created);
    expect(turn.steps.map(({ output }) => output)).toEqual([
      "the words of ada",
      "the words of bob",
      "the words of cyd",
    ]);
    expect(chatRequests(bench())).toHaveLength(3);
    for (const request of chatRequests(bench())) expect(promptOf(request)).not.toContain("the words of");
  });

  it("shows a second round all of the first", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob"], manual);
    bench().cloud.standIns.openRouter.setScript(
      ["ada", "bob"].map((key) => ({
        text: `the words of ${key}`,
        system_contains: `You are ${key}.`,
        times: "always" as const,
      })),
    );
    const turn = await finish(await send("@ada @bob", { rounds: 2 }));
    expect(turn.steps.map((step) => [step.agent_key, step.round, step.status])).toEqual([
      ["ada", 1, "done"],
      ["bob", 1, "done"],
      ["ada", 2, "done"],
      ["bob", 2, "done"],
    ]);
    const [, , third, fourth] = chatRequests(bench());
    for (const request of [third, fourth]) {
      expect(promptOf(request)).toContain("the words of ada");
      expect(promptOf(request)).toContain("the words of bob");
    }
  });

  it("goes on without an agent that failed, which is recorded as an error", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob"], manual);
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { system_contains: "You are ada." } });
    const turn = await finish(await send("@ada @bob"));
    expect(turn).toMatchObject({
      status: "partial",
      error: null,
      steps: [
        { status: "failed", output: null, message_id: null, error: { type: "refused" } },
        { status: "done", error: null },
      ],
    });
  });
});
