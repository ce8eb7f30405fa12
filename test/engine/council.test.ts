import { describe, expect, it } from "vitest";
import { RankingOutcome } from "../../src/contract/outcomes.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { managerKey } from "../../src/domain/plan/plan.ts";
import { chatRequests, promptOf, useBench } from "./engine-kit.ts";
import {
  agentSays,
  asks,
  auditsOf,
  course,
  eventsOf,
  ledgerOf,
  managerPrompts,
  managerSays,
  promptsOf,
  type ScriptedReply,
  walletOf,
} from "./modes-kit.ts";
import { useScriptedTurns } from "./scripted-turns.ts";

const bench = useBench();
const { play } = useScriptedTurns(bench, "council");
const three = ["ada", "bob", "cyd"];
const council = { mode: "council" };
const answer = (key: string) => `the answer numbered ${three.indexOf(key)}`;

const saying = (...keys: readonly string[]) => keys.map((key) => agentSays(key, "agent", { text: answer(key) }));

const convene = (replies: readonly ScriptedReply[], keys: readonly string[] = three, turn: object = {}) =>
  play(keys, replies, turn);

const stepBy = (turn: Turn, purpose: string, key: string) =>
  turn.steps.find((step) => step.purpose === purpose && step.agent_key === key);

describe("a council", () => {
  it("answers unseen, ranks the others' answers and is summed up", async () => {
    const { turn } = await convene([...saying(...three), managerSays("synthesize", { text: "Begin." })]);
    expect(course(turn)).toEqual([
      ...three.map((key) => `1 agent ${key} done`),
      ...three.map((key) => `1 rank ${key} done`),
      `1 synthesize ${managerKey} done`,
    ]);
    expect([turn.status, turn.rounds, turn.steps.at(-1)?.output]).toEqual(["completed", 1, "Begin."]);
    for (const prompt of promptsOf(bench(), "agent")) expect(prompt).not.toContain("the answer numbered");
    for (const key of three) expect(stepBy(turn, "rank", key)).toMatchObject({ output: null, message_id: null });
  });

  it("has one round, however many are asked for", async () => {
    expect((await convene([], ["ada", "bob"], { rounds: 5 })).turn).toMatchObject({ rounds: 1, status: "completed" });
  });

  it("shows who ranks no name and no key of another, and not its own answer", async () => {
    await convene(saying(...three));
    for (const key of three) {
      const [prompt = ""] = promptsOf(bench(), "rank", `You are ${key}.`);
      const others = three.filter((each) => each !== key);
      expect(prompt).not.toContain(answer(key));
      for (const other of others) {
        expect(prompt).toContain(`>${answer(other)}</answer>`);
        expect(prompt).not.toMatch(new RegExp(other, "i"));
      }
      expect([...prompt.matchAll(/<answer label="(\w+)">/g)].map(([, label]) => label)).toEqual(["A", "B"]);
    }
  });

  it("comes to what the ballots add up to, which the chairman is shown", async () => {
    const labels = { reason: "By merit.", ranking: ["B", "A"] };
    const ranking = three.map((key) => agentSays(key, "rank", { json: labels }));
    const { turn, room } = await convene([...saying(...three), ...ranking]);
    const { answers, ballots } = RankingOutcome.parse(turn.outcome);
    const results = three.map((key) => stepBy(turn, "rank", key)?.result);
    const ranked = results.map((result) => (result?.kind === "ranking" ? result.ranking : []));
    expect(ballots).toBe(3);
    for (const each of answers) {
      const won = ranked.filter(([first]) => first === each.agent_key).length;
      expect(each).toMatchObject({ won, compared: 2 });
    }
    expect(answers.map(({ won }) => won)).toEqual(
      answers.map(({ won }) => won).toSorted((left, right) => right - left),
    );
    const [chairman = ""] = managerPrompts(bench(), "synthesize");
    expect(chairman).toContain("without knowing whose they were. The best first:");
    for (const { place, agent_key, won } of answers)
      expect(chairman).toContain(
        `${place}. ${agent_key.toUpperCase()} (${agent_key}): preferred in ${won} of 2 comparisons`,
      );
    const cast = (await eventsOf(bench(), room, turn)).filter(({ type }) => type === "ranking.cast");
    expect(cast.map(({ data }) => data)).toEqual(
      expect.arrayContaining(three.map((agent_key) => expect.objectContaining({ agent_key }))),
    );
    expect(cast).toHaveLength(3);
  });

  it("leaves an agent that failed out of the ranking, and is partial", async () => {
    bench().cloud.standIns.openRouter.setFaults({
      bad_request: { system_contains: "You are bob.", contains: "It is your turn" },
    });
    const { turn } = await convene(saying("ada", "cyd"));
    expect([turn.status, stepBy(turn, "agent", "bob")?.status]).toEqual(["partial", "failed"]);
    expect(stepBy(turn, "rank", "ada")?.result).toMatchObject({ ranking: ["cyd"] });
    expect(
      RankingOutcome.parse(turn.outcome)
        .answers.map(({ agent_key }) => agent_key)
        .toSorted(),
    ).toEqual(["ada", "cyd"]);
    expect(stepBy(turn, "rank", "bob")?.result).toMatchObject({ is_fallback: false });
  });

  it("ranks no silence", async () => {
    const { turn, room } = await convene([agentSays("bob", "agent", { text: "[silent]" }), ...saying("ada", "cyd")]);
    expect(stepBy(turn, "agent", "bob")).toMatchObject({ status: "done", output: null, flags: ["silent"] });
    expect(stepBy(turn, "rank", "ada")?.result).toMatchObject({ ranking: ["cyd"] });
    expect(RankingOutcome.parse(turn.outcome).answers.at(-1)).toMatchObject({ agent_key: "bob", place: null });
    expect((await eventsOf(bench(), room, turn)).filter(({ type }) => type === "agent.silent")).toHaveLength(1);
    expect(turn.status).toBe("completed");
  });

  it("ends where every agent failed, and charges nothing", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { contains: asks.agent } });
    const { turn, room } = await convene([]);
    expect(course(turn)).toEqual(three.map((key) => `1 agent ${key} failed`));
    expect(turn).toMatchObject({ status: "failed", outcome: null, cost: { credits: "0", held: "0", by_purpose: [] } });
    expect(turn.error?.message).toMatch(/^All 3 agents failed; ada: /);
    expect(chatRequests(bench())).toHaveLength(3);
    expect(await walletOf(bench(), room)).toMatchObject({ held: "0" });
  });

  it("ends where every agent is silent: there is nothing to rank", async () => {
    const { turn } = await convene(three.map((key) => agentSays(key, "agent", { text: "[silent]" })));
    expect(course(turn)).toEqual(three.map((key) => `1 agent ${key} done`));
    expect(turn).toMatchObject({ status: "completed", error: null, outcome: null, cost: { held: "0" } });
  });

  it("ends partial where some failed and the others are silent", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { system_contains: "You are bob." } });
    const { turn } = await convene(["ada", "cyd"].map((key) => agentSays(key, "agent", { text: "[silent]" })));
    expect([turn.status, turn.error, turn.steps.length]).toEqual(["partial", null, 3]);
  });

  it("goes on where one agent spoke", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { contains: asks.agent, fail_next: 2 } });
    const { turn } = await convene([]);
    expect([turn.status, turn.steps.at(-1)?.purpose, turn.steps.length]).toEqual(["partial", "synthesize", 7]);
  });

  it.each([
    ["no JSON", { text: "B, then A." }],
    ["one twice", { json: { reason: "", ranking: ["A", "A"] } }],
    ["one that is none", { json: { reason: "", ranking: ["A", "B", "C"] } }],
    ["names", { json: { reason: "", ranking: ["bob", "cyd"] } }],
  ])("counts no ballot that cannot be read twice: %s", async (_what, reply) => {
    const { turn } = await convene([...saying(...three), agentSays("ada", "rank", reply)]);
    expect(promptsOf(bench(), "rank", "You are ada.")).toHaveLength(2);
    expect(stepBy(turn, "rank", "ada")).toMatchObject({
      flags: ["fallback"],
      result: { ranking: [], is_fallback: true },
    });
    expect([turn.status, RankingOutcome.parse(turn.outcome).ballots]).toEqual(["completed", 2]);
  });

  it("ends where all call for each other", async () => {
    const call = three.map((key) => agentSays(key, "agent", { text: "@ada @bob @cyd: another round, please." }));
    const { turn } = await convene(call);
    expect([turn.status, turn.steps.length]).toEqual(["completed", 7]);
  });

  it("is of those who are tagged, and of two at least", async () => {
    const room = await bench().furnish(three);
    const { token } = room.user;
    const post = (body: object) => bench().request("post", `/sessions/${room.session.id}/turns`, { token, body });
    expect((await post({ ...council, message: "@bob what first?" })).problem()).toMatchObject({
      status: 422,
      code: "no_room_agents",
    });
    const turn = await room.finish(await room.send("@cyd @ada what first?", council));
    expect(turn.steps.map(({ agent_key }) => agent_key)).toEqual(["cyd", "ada", managerKey]);
    expect(turn.outcome).toMatchObject({ kind: "ranking", answers: [{ place: null }, { place: null }], ballots: 0 });
    expect(chatRequests(bench()).every((request) => !promptOf(request).includes("(bob)"))).toBe(true);
  });

  it("books and audits every call", async () => {
    const { turn, room } = await convene([]);
    expect(await ledgerOf(bench(), turn)).toEqual([
      ...three.map((key, index) => `${index} agent ${key} ok`),
      ...three.map((key, index) => `${3 + index} rank ${key} ok`),
      `6 synthesize ${managerKey} ok`,
    ]);
    const audits = await auditsOf(bench(), room, turn);
    expect(audits.map(({ step_index, purpose }) => [step_index, purpose])).toEqual(
      turn.steps.map(({ index, purpose }) => [index, purpose]),
    );
    // What was said and may be ranked: the question and two answers.
    expect(audits.filter(({ purpose }) => purpose === "rank").map(({ messages_in }) => messages_in.length)).toEqual([
      3, 3, 3,
    ]);
  });
});
