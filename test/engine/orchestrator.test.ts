import { describe, expect, it } from "vitest";
import { Turn } from "../../src/contract/turns.ts";
import { managerKey } from "../../src/domain/plan/plan.ts";
import { chatRequests, messagesOf, useBench } from "./engine-kit.ts";
import {
  agentSays,
  auditsOf,
  course,
  eventsOf,
  finish,
  goOn,
  ledgerOf,
  managerPrompts,
  managerSays,
  promptsOf,
  routing,
} from "./modes-kit.ts";
import { useScriptedTurns } from "./scripted-turns.ts";

const bench = useBench();
const { script, play: orchestrate } = useScriptedTurns(bench, "orchestrator");
const four = ["ada", "bob", "cyd", "dan"];
const orchestrated = { mode: "orchestrator" };

const saying = (...keys: readonly string[]) =>
  keys.map((key) => agentSays(key, "agent", { text: `the words of ${key}` }));
const summedUp = managerSays("synthesize", { text: "All in all: begin." });

describe("a manager's routing", () => {
  it("asks those it names side by side, and each sees its own instruction alone", async () => {
    const { turn } = await orchestrate(four, [
      managerSays("route", {
        json: routing([
          ["dan", "SECRET-OF-DAN"],
          ["bob", "SECRET-OF-BOB"],
        ]),
      }),
      managerSays("evaluate", { json: finish }),
      summedUp,
      ...saying("bob", "dan"),
    ]);
    expect(course(turn)).toEqual([
      "1 route @manager done",
      "1 agent dan done",
      "1 agent bob done",
      "1 evaluate @manager done",
      "1 synthesize @manager done",
    ]);
    expect(turn.steps.map(({ instruction }) => instruction)).toEqual([
      null,
      "SECRET-OF-DAN",
      "SECRET-OF-BOB",
      null,
      null,
    ]);
    expect(turn.steps.at(-1)?.output).toBe("All in all: begin.");
    const prompts = chatRequests(bench()).map((request) => JSON.stringify(messagesOf(request)));
    for (const [key, other] of [
      ["dan", "bob"],
      ["bob", "dan"],
    ] as const) {
      const told = prompts.filter((prompt) => prompt.includes(`SECRET-OF-${key.toUpperCase()}`));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`<instruction>SECRET-OF-${key.toUpperCase()}</instruction>`);
      expect(told[0]).toContain(`You are ${key}.`);
      expect(told[0]).not.toContain(`the words of ${other}`);
    }
    for (const prompt of [...managerPrompts(bench(), "evaluate"), ...managerPrompts(bench(), "synthesize")])
      for (const key of ["dan", "bob"]) expect(prompt).toContain(`the words of ${key}`);
  });

  it("asks them one after the other where it says so", async () => {
    const { turn } = await orchestrate(four, [
      managerSays("route", {
        json: routing(
          [
            ["cyd", "First."],
            ["ada", "Then."],
          ],
          "sequence",
        ),
      }),
      managerSays("evaluate", { json: finish }),
      summedUp,
      ...saying("ada", "cyd"),
    ]);
    expect(turn.steps.map(({ agent_key }) => agent_key)).toEqual([managerKey, "cyd", "ada", managerKey, managerKey]);
    expect(promptsOf(bench(), "agent", "You are ada.")[0]).toContain("the words of cyd");
    expect(promptsOf(bench(), "agent", "You are cyd.")[0]).not.toContain("the words of ada");
  });

  it("knows the agents by key and name, and none of their role prompts", async () => {
    await orchestrate(["ada", "bob"], []);
    const prompts = [...managerPrompts(bench(), "route"), ...managerPrompts(bench(), "synthesize")];
    expect(prompts).toHaveLength(2);
    for (const prompt of prompts) {
      expect(prompt).toContain("- agent_key ada: ADA\n- agent_key bob: BOB");
      expect(prompt).not.toMatch(/You are (?:ada|bob)\./);
    }
  });

  it("may name only those that the message tags", async () => {
    script([managerSays("route", { json: routing([["ada", "Go."]]) }), managerSays("evaluate", { json: finish })]);
    const { send, finish: read } = await bench().furnish(four);
    const turn = await read(await send("@cyd and @bob: what first?", orchestrated));
    expect(turn.steps[0]).toMatchObject({ flags: ["fallback"], result: { is_fallback: true } });
    expect(turn.steps.filter(({ purpose }) => purpose === "agent").map(({ agent_key }) => agent_key)).toEqual([
      "cyd",
      "bob",
    ]);
    expect(managerPrompts(bench(), "route")[0]).not.toContain("agent_key ada:");
  });

  it("is the room's manager model's, and of the first agent where the room names none", async () => {
    const models = async (room: object) => {
      const { send, finish: read } = await bench().furnish(["ada"], room);
      const turn = await read(await send("Go", orchestrated));
      return turn.steps.filter(({ agent_key }) => agent_key === managerKey).map(({ model_alias }) => model_alias);
    };
    expect(new Set(await models({ manager_model_alias: "claude-haiku" }))).toEqual(new Set(["claude-haiku"]));
    expect(new Set(await models({}))).toEqual(new Set(["gpt-4o-mini"]));
  });
});

describe("a manager's judgement", () => {
  it("begins another round, which sees the one before, or ends it", async () => {
    const { turn } = await orchestrate(four, [
      managerSays("route", { json: routing([["ada", "Begin."]]) }),
      { ...managerSays("evaluate", { json: goOn([["bob", "Doubt it."]]) }), times: 1 },
      managerSays("evaluate", { json: finish }),
      summedUp,
      ...saying("ada", "bob"),
    ]);
    expect(course(turn)).toEqual([
      "1 route @manager done",
      "1 agent ada done",
      "1 evaluate @manager done",
      "2 agent bob done",
      "2 evaluate @manager done",
      "2 synthesize @manager done",
    ]);
    expect(promptsOf(bench(), "agent", "You are bob.")[0]).toContain("the words of ada");
    expect(turn.status).toBe("completed");
  });

  it.each([
    [1, 1, ["route", "agent", "synthesize"]],
    [5, 3, ["route", "agent", "evaluate", "agent", "evaluate", "agent", "synthesize"]],
  ])("is not asked for after the last of %i rounds, which are at most 3", async (asked, rounds, purposes) => {
    const { turn } = await orchestrate(
      four,
      [
        managerSays("route", { json: routing([["ada", "Begin."]]) }),
        managerSays("evaluate", { json: goOn([["bob", "Doubt it."]]), contains: "Round 1 of" }),
        managerSays("evaluate", { json: goOn([["cyd", "And you?"]]), contains: "Round 2 of" }),
      ],
      { rounds: asked },
    );
    expect([turn.rounds, turn.status]).toEqual([rounds, "completed"]);
    expect(turn.steps.map(({ purpose }) => purpose)).toEqual(purposes);
  });
});

it("books, audits and tells every call of the manager", async () => {
  const { turn, room } = await orchestrate(
    ["ada", "bob"],
    [managerSays("route", { json: routing([["bob", "Go."]]) }), managerSays("evaluate", { json: finish }), summedUp],
  );
  expect(await ledgerOf(bench(), turn)).toEqual([
    "0 route @manager ok",
    "1 agent bob ok",
    "2 evaluate @manager ok",
    "3 synthesize @manager ok",
  ]);
  expect(turn.cost.by_purpose.map(({ purpose }) => purpose)).toEqual(["route", "agent", "evaluate", "synthesize"]);
  const audits = await auditsOf(bench(), room, turn);
  expect(audits.map(({ purpose, agent_key }) => [purpose, agent_key])).toEqual(
    turn.steps.map(({ purpose, agent_key }) => [purpose, agent_key]),
  );
  const events = await eventsOf(bench(), room, turn);
  expect(events.filter(({ type }) => type === "turn.routed").map(({ data }) => data)).toMatchObject([
    { agent_key: managerKey, round: 1, result: { kind: "routing", assignments: [{ agent_key: "bob" }] } },
    { agent_key: managerKey, round: 1, result: { kind: "evaluation", verdict: "finish" } },
  ]);
  expect(events.at(-1)?.type).toBe("turn.completed");
  expect(turn.outcome).toBeNull();
});

it("is created once for one key, whatever the manager says later", async () => {
  const room = await bench().furnish(["ada", "bob"]);
  const key = { "idempotency-key": "one-turn" };
  const first = await room.send("What first?", orchestrated, key);
  const done = await room.finish(first);
  const again = await room.send("What first?", orchestrated, key);
  expect(again).toEqual(first);
  expect(await bench().count("select count(*) from turns where session_id = $1", [room.session.id])).toBe(1);
  const { token } = room.user;
  expect((await bench().request("get", `/turns/${first.id}`, { token })).json(Turn)).toEqual(done);
});
