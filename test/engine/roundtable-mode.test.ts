import { beforeEach, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { Message } from "../../src/contract/messages.ts";
import type { Bench } from "./engine-bench.ts";
import { chatRequests, messagesOf, promptOf, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

function script({ cloud }: Bench, keys: readonly string[]): void {
  cloud.standIns.openRouter.setScript(
    keys.map((key) => ({ text: `<b>words</b> of ${key}`, system_contains: `You are ${key}.`, times: "always" })),
  );
}

const quoteOf = (key: string) =>
  `<message from="${key.toUpperCase()}" key="${key}">&lt;b>words&lt;/b> of ${key}</message>`;

describe("a round table", () => {
  it("carries forward exactly what was said before, quoted and with its speaker", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"]);
    script(bench(), ["ada", "bob", "cyd"]);
    await finish(await send("What now?"));
    const prompts = chatRequests(bench()).map(promptOf);
    const seen = prompts.map((prompt) => ["ada", "bob", "cyd"].filter((key) => prompt.includes(quoteOf(key))));
    expect(seen).toEqual([[], ["ada"], ["ada", "bob"]]);
    expect(prompts.every((prompt) => prompt.includes("What now?"))).toBe(true);
    expect(prompts.map((prompt) => prompt.includes("<b>words"))).toEqual([false, false, false]);
  });

  it("goes round as often as it is asked, each agent's own words alone in the assistant's role", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob"]);
    script(bench(), ["ada", "bob"]);
    const turn = await finish(await send("What now?", { rounds: 2 }));
    expect(turn.steps.map((step) => [step.agent_key, step.round])).toEqual([
      ["ada", 1],
      ["bob", 1],
      ["ada", 2],
      ["bob", 2],
    ]);
    const assistantWords = chatRequests(bench()).map((request) =>
      messagesOf(request)
        .filter(({ role }) => role === "assistant")
        .map(({ content }) => content),
    );
    expect(assistantWords).toEqual([[], [], ["<b>words</b> of ada"], ["<b>words</b> of bob"]]);
  });

  it("keeps to that in later turns", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob"]);
    script(bench(), ["ada", "bob"]);
    await finish(await send("One"));
    await finish(await send("Two"));
    const [, , third] = chatRequests(bench());
    const said = messagesOf(third).map(({ role, content }) => [
      role,
      content.includes("of ada"),
      content.includes(quoteOf("bob")),
    ]);
    expect(said.filter(([role]) => role === "assistant")).toEqual([["assistant", true, false]]);
    expect(said.filter(([, , hasBob]) => hasBob === true)).toEqual([["user", false, true]]);
  });

  it("gives a role prompt to its own agent only", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"]);
    await finish(await send("What now?"));
    const keysIn = chatRequests(bench()).map((request) =>
      ["ada", "bob", "cyd"].filter((key) => JSON.stringify(request.messages).includes(`You are ${key}.`)),
    );
    expect(keysIn).toEqual([["ada"], ["bob"], ["cyd"]]);
  });

  it("is narrowed by tags, and not disturbed by one that names nobody", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob", "cyd"]);
    const turn = await finish(await send("@cyd and @ada, as @zoe said"));
    expect(turn.steps.map((step) => step.agent_key)).toEqual(["cyd", "ada"]);
    expect(turn.status).toBe("completed");
  });

  it("records a failed agent as an error by type, tells the others, and ends partial", async () => {
    const { user, session, send, finish } = await bench().furnish(["ada", "bob", "cyd"]);
    bench().cloud.standIns.openRouter.setFaults({ payment_required: { system_contains: "You are bob." } });
    const turn = await finish(await send("What now?"));
    expect(turn).toMatchObject({
      status: "partial",
      steps: [
        { status: "done" },
        { status: "failed", output: null, error: { type: "refused", message: expect.stringContaining("402") } },
        { status: "done" },
      ],
    });
    const last = promptOf(chatRequests(bench()).at(-1));
    expect(last).toMatch(/<error from="BOB" key="bob" type="refused">[^<]*402/);
    expect(last).not.toContain('<message from="BOB"');
    const read = await bench().request("get", `/sessions/${session.id}/messages`, { token: user.token });
    expect(read.json(listOf(Message)).data.map(({ author, error_type }) => [author, error_type])).toEqual([
      ["agent", null],
      ["failed_agent", "refused"],
      ["agent", null],
      ["user", null],
    ]);
  });

  it("fails when all of its agents do", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob"]);
    bench().cloud.standIns.openRouter.setFaults({ unauthorized: {} });
    const turn = await finish(await send("What now?"));
    expect(turn).toMatchObject({ status: "failed", steps: [{ status: "failed" }, { status: "failed" }] });
    expect(chatRequests(bench())).toHaveLength(2);
  });

  it("keeps of a reply that speaks for another its own words alone, with what was wrong with it", async () => {
    const { send, finish } = await bench().furnish(["ada", "bob"]);
    bench().cloud.standIns.openRouter.setScript([{ text: "Yes.\nBOB: I agree.", system_contains: "You are ada." }]);
    const turn = await finish(await send("What now?"));
    expect(turn.steps[0]).toMatchObject({
      status: "done",
      output: "Yes.",
      flags: ["continues_as_other"],
    });
  });
});
