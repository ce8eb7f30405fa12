import { describe, expect, it } from "vitest";
import { plannedAgent, planOf, said, taskInput, userSaid } from "../../../test/fixtures/task-input.ts";
import { maxAgentsPerRoom } from "../../contract/agents.ts";
import { isStrictSchema } from "../json-schema/is-strict-schema.ts";
import { buildPrompt } from "../speaker/build-prompt.ts";
import { quoteAnswer, quoteMessage } from "../speaker/quote.ts";
import { labelledAnswers, labelsFor, shownTo } from "./anonymity.ts";
import { rankPurpose } from "./purpose-rank.ts";

describe("a rank", () => {
  const input = taskInput("rank", "bob");
  const answers = labelledAnswers(input);

  it("labels the answers of the others, in an order that the turn and the one who ranks decide", () => {
    expect(answers.map(({ label }) => label)).toEqual(["A", "B", "C"]);
    expect(answers.map(({ agentKey }) => agentKey).toSorted()).toEqual(["ada", "cyd", "dan"]);
    const shuffled = labelledAnswers({ ...input, seen: input.seen.toReversed() });
    expect(shuffled.map(({ agentKey }) => agentKey)).toEqual(answers.map(({ agentKey }) => agentKey));
  });

  it("puts each answer in each place about as often, over many turns", () => {
    const first = Array.from(
      { length: 3000 },
      (_, turn) => labelledAnswers({ ...input, seed: `turn ${turn}` })[0]?.agentKey,
    );
    for (const key of ["ada", "cyd", "dan"]) {
      const share = first.filter((each) => each === key).length / first.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.05);
    }
  });

  it("differs between those who rank", () => {
    const orders = Array.from({ length: 20 }, (_, turn) => {
      const orderOf = (key: string) =>
        labelledAnswers({ ...taskInput("rank", key), seen: [said("cyd"), said("dan")], seed: `turn ${turn}` });
      return orderOf("ada")[0]?.agentKey === orderOf("bob")[0]?.agentKey;
    });
    expect(new Set(orders).size).toBe(2);
  });

  it("leaves out what failed, and shows nothing that names an author", () => {
    const seen = [userSaid, said("ada"), said("cyd", "failed_agent"), said("dan")];
    const shown = shownTo(input, seen);
    expect(shown.map(({ id }) => id).toSorted()).toEqual(["m0", "of ada", "of dan"]);
    const labels = labelsFor({ ...input, seen });
    const messages = shown.map(({ id, author, agent_key }) => {
      const speaker = { kind: "agent", key: agent_key ?? "", name: (agent_key ?? "").toUpperCase() } as const;
      return {
        id,
        author: author === "user" ? ({ kind: "user" } as const) : speaker,
        text: `text of <${shown.indexOf(shown[0] ?? userSaid)}>`,
      };
    });
    const task = rankPurpose.task({ ...input, seen });
    const [, ...prompt] = buildPrompt({
      self: plannedAgent("bob"),
      roomName: "Room",
      roomGoal: "",
      rolePrompt: "",
      messages,
      labelById: labels,
      task,
    });
    const content = prompt.map((message) => message.content).join("\n");
    expect(content).toMatch(/<answer label="A">[^<]*<\/answer>\n\n<answer label="B">[^<]*<\/answer>/);
    expect(content).not.toMatch(/ada|cyd|dan/i);
  });

  it("quotes no answer longer than as a message, so that what is held for messages covers it", () => {
    const agents = Array.from({ length: maxAgentsPerRoom }, (_, place) => plannedAgent(`agent${place}`, "A"));
    const crowd = { ...input, plan: planOf(agents), seen: agents.map(({ key }) => said(key)) };
    const labels = labelledAnswers(crowd).map(({ label }) => label);
    expect(new Set(labels).size).toBe(maxAgentsPerRoom);
    for (const label of labels)
      expect(quoteAnswer(label, "<&lt;>").length).toBeLessThan(quoteMessage({ key: "a", name: "A" }, "<&lt;>").length);
  });

  it("reads labels back into agents", () => {
    const byLabel = new Map(answers.map(({ label, agentKey }) => [label, agentKey]));
    expect(rankPurpose.read({ reason: "r", ranking: ["C", " b", "answer a"] }, input)).toMatchObject({
      kind: "read",
      result: {
        kind: "ranking",
        ranking: ["C", "B", "A"].map((label) => byLabel.get(label)),
        reason: "r",
        is_fallback: false,
      },
      text: null,
    });
  });

  it("drops a vote for oneself and an answer named again", () => {
    const read = rankPurpose.read({ ranking: ["bob", "A", "A", "B", "C"] }, input);
    expect(read).toMatchObject({ kind: "read", result: { ranking: answers.map(({ agentKey }) => agentKey) } });
  });

  it.each([
    null,
    [],
    "A",
    {},
    { ranking: "ABC" },
    { ranking: ["A", "B"] },
    { ranking: ["A", "B", "D"] },
    { ranking: ["ada", "cyd", "dan"] },
    { ranking: [0, 1, 2] },
    { ranking: [["A", "B", "C"]] },
    { ranking: { A: 1, B: 2, C: 3 } },
  ])("is not made of %j", (value) => {
    expect(rankPurpose.read(value, input).kind).toBe("invalid");
  });

  it("that cannot be read counts for nobody", () => {
    expect(rankPurpose.fallback(input)).toMatchObject({
      result: { ranking: [], is_fallback: true },
      text: null,
    });
  });

  it("of no answer at all is an empty one", () => {
    const alone = taskInput("rank", "bob", { seen: [userSaid, said("bob")] });
    expect(rankPurpose.read({ reason: "", ranking: [] }, alone)).toMatchObject({
      kind: "read",
      result: { ranking: [] },
    });
    expect(isStrictSchema(rankPurpose.format(alone)?.schema ?? {})).toBe(true);
  });
});
