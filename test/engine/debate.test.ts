import { beforeEach, describe, expect, it } from "vitest";
import { VoteOutcome } from "../../src/contract/outcomes.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { useBench } from "./engine-kit.ts";
import { agentSays, asks, auditsOf, course, eventsOf, ledgerOf, promptsOf, type ScriptedReply } from "./modes-kit.ts";

const bench = useBench();
const four = ["ada", "bob", "cyd", "dan"];
const debate = { mode: "debate" };

beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

type Choice = string | null;
const votes = (key: string, choice: Choice, confidence = 80) =>
  agentSays(key, "vote", { json: { reason: `So says ${key}.`, choice, confidence } });
const saying = (...keys: readonly string[]) =>
  keys.map((key) => agentSays(key, "agent", { text: `the position of ${key}` }));

async function argue(keys: readonly string[], replies: readonly ScriptedReply[], turn: object = { rounds: 1 }) {
  bench().cloud.standIns.openRouter.setScript([...replies]);
  const room = await bench().furnish(keys);
  const done = await room.finish(await room.send("Which database?", { ...debate, ...turn }));
  return { room, turn: done, outcome: VoteOutcome.parse(done.outcome) };
}

const votesIn = (turn: Turn) => turn.steps.filter(({ purpose }) => purpose === "vote");

describe("a debate", () => {
  it("goes two rounds, each seeing the one before, and then all vote unseen by each other", async () => {
    const keys = ["ada", "bob"];
    const { turn } = await argue(keys, [...saying(...keys), votes("ada", "bob"), votes("bob", "bob")], {});
    expect(course(turn)).toEqual([
      "1 agent ada done",
      "1 agent bob done",
      "2 agent ada done",
      "2 agent bob done",
      "2 vote ada done",
      "2 vote bob done",
    ]);
    const [first, second] = promptsOf(bench(), "agent", "You are ada.");
    expect(first).not.toContain("the position of bob");
    expect(second).toContain("the position of bob");
    expect(first).toContain("You do not see the others' positions yet.");
    expect(second).toContain("answer the strongest argument against it");
    expect(promptsOf(bench(), "vote", "You are bob.")[0]).not.toContain("I vote for");
    expect([turn.status, turn.rounds]).toEqual(["completed", 2]);
  });

  it.each([1, 3])("goes %i rounds where that many are asked for", async (rounds) => {
    const { turn } = await argue(["ada", "bob"], [], { rounds });
    expect([turn.rounds, turn.steps.length, turn.status]).toEqual([rounds, 2 * rounds + 2, "completed"]);
  });

  it("says every vote aloud and tells it, and names those who dissent with their reasons", async () => {
    const { turn, room, outcome } = await argue(four, [
      ...saying(...four),
      votes("ada", "bob", 90),
      votes("bob", "bob", 70),
      votes("cyd", "bob", 50),
      votes("dan", "ada", 99),
    ]);
    expect(outcome).toMatchObject({
      winner: "bob",
      reason: "majority",
      voters: 4,
      votes: 4,
      abstained: [],
      missing: [],
    });
    expect(outcome.tally).toEqual([
      { agent_key: "bob", votes: 3, confidence: 70 },
      { agent_key: "ada", votes: 1, confidence: 99 },
    ]);
    expect(outcome.dissent).toEqual([{ agent_key: "dan", choice: "ada", confidence: 99, reason: "So says dan." }]);
    expect(votesIn(turn).map(({ output }) => output)).toEqual([
      "I vote for the position of BOB (bob), 90 of 100 sure. So says ada.",
      "I vote for the position of BOB (bob), 70 of 100 sure. So says bob.",
      "I vote for the position of BOB (bob), 50 of 100 sure. So says cyd.",
      "I vote for the position of ADA (ada), 99 of 100 sure. So says dan.",
    ]);
    const cast = (await eventsOf(bench(), room, turn)).filter(({ type }) => type === "vote.cast");
    expect(cast).toHaveLength(4);
    expect(cast.map(({ data }) => data)).toEqual(
      expect.arrayContaining(four.map((agent_key) => expect.objectContaining({ agent_key }))),
    );
  });

  it.each<readonly [VoteOutcome["reason"], readonly Choice[], Partial<VoteOutcome>]>([
    ["tie", ["ada", "ada", "bob", "bob"], { abstained: [] }],
    ["no_majority", ["ada", "ada", "bob", "cyd"], { abstained: [] }],
    ["no_quorum", ["ada", "ada", null, null], { abstained: ["cyd", "dan"] }],
  ])("is undecided for want of one: %s", async (reason, choices, rest) => {
    const { turn, outcome } = await argue(four, [
      ...saying(...four),
      ...four.map((key, index) => votes(key, choices[index] ?? null)),
    ]);
    expect(outcome).toMatchObject({ winner: null, reason, ...rest });
    expect(outcome.dissent).toHaveLength(outcome.votes);
    expect(turn.status).toBe("completed");
    if (choices.includes(null)) expect(votesIn(turn).at(-1)?.output).toBe("I abstain. So says dan.");
  });

  it.each([
    ["prose", { text: "I am for bob." }],
    ["for nobody of the debate", { json: { reason: "", choice: "zoe", confidence: 50 } }],
    ["surer than sure", { json: { reason: "", choice: "bob", confidence: 900 } }],
  ])("misses a vote that cannot be read twice, and says nothing of it: %s", async (_what, reply) => {
    const keys = ["ada", "bob", "cyd"];
    const { turn, outcome } = await argue(keys, [
      ...saying(...keys),
      agentSays("ada", "vote", reply),
      votes("bob", "bob"),
      votes("cyd", "bob"),
    ]);
    expect(promptsOf(bench(), "vote", "You are ada.")).toHaveLength(2);
    expect(votesIn(turn)[0]).toMatchObject({ flags: ["fallback"], output: null, result: { is_fallback: true } });
    expect(outcome).toMatchObject({ winner: "bob", reason: "majority", voters: 3, votes: 2, missing: ["ada"] });
  });

  it("ends where nobody takes a position: there is nothing to answer or to vote for", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { contains: asks.agent } });
    const room = await bench().furnish(["ada", "bob"]);
    const turn = await room.finish(await room.send("Which database?", { ...debate, rounds: 3 }));
    expect(course(turn)).toEqual(["1 agent ada failed", "1 agent bob failed"]);
    expect(turn).toMatchObject({ status: "failed", outcome: null, cost: { credits: "0", held: "0" } });
    expect(turn.error?.message).toMatch(/^All 2 agents failed; ada: /);
  });

  it("votes on the positions of earlier rounds where all fail in a later one", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { contains: "strongest argument" } });
    const { turn } = await argue(["ada", "bob"], [votes("ada", "bob"), votes("bob", "bob")], { rounds: 2 });
    expect(course(turn)).toEqual([
      "1 agent ada done",
      "1 agent bob done",
      "2 agent ada failed",
      "2 agent bob failed",
      "2 vote ada done",
      "2 vote bob done",
    ]);
    expect(turn).toMatchObject({ status: "partial", error: null, outcome: { winner: "bob" } });
  });

  it("offers no position of those who failed or kept silent", async () => {
    bench().cloud.standIns.openRouter.setFaults({
      bad_request: { system_contains: "You are bob.", contains: "It is your turn" },
    });
    const { turn, outcome } = await argue(four, [
      agentSays("cyd", "agent", { text: "[silent]" }),
      ...saying("ada", "dan"),
    ]);
    const [prompt] = promptsOf(bench(), "vote", "You are ada.");
    expect(prompt).toContain("- choice ada: the position of ADA (ada)\n- choice dan: the position of DAN (dan)");
    expect(prompt).not.toMatch(/- choice (?:bob|cyd)/);
    expect(outcome.voters).toBe(4);
    expect(turn.status).toBe("partial");
  });

  it("ends where all call for each other and for another round", async () => {
    const replies = four.map((key) => agentSays(key, "agent", { text: "@ada @bob @cyd @dan: another round!" }));
    const { turn } = await argue(four, replies, { rounds: 5 });
    expect([turn.status, turn.steps.length]).toEqual(["completed", 24]);
  });

  it("is of those who are tagged, and of two at least", async () => {
    const room = await bench().furnish(four);
    const { token } = room.user;
    const body = { ...debate, message: "@bob which?" };
    const refused = await bench().request("post", `/sessions/${room.session.id}/turns`, { token, body });
    expect(refused.problem()).toMatchObject({ status: 422, code: "no_room_agents" });
    const turn = await room.finish(await room.send("@dan @bob which?", { ...debate, rounds: 1 }));
    expect(turn.steps.map(({ agent_key }) => agent_key)).toEqual(["dan", "bob", "dan", "bob"]);
    expect(turn.outcome).toMatchObject({ kind: "vote", voters: 2 });
  });

  it("books and audits every call, and asks no manager", async () => {
    const { turn, room } = await argue(["ada", "bob"], []);
    expect(await ledgerOf(bench(), turn)).toEqual([
      "0 agent ada ok",
      "1 agent bob ok",
      "2 vote ada ok",
      "3 vote bob ok",
    ]);
    const audits = await auditsOf(bench(), room, turn);
    expect(audits.map(({ purpose }) => purpose)).toEqual(["agent", "agent", "vote", "vote"]);
  });
});
