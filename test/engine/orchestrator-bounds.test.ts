import { describe, expect, it } from "vitest";
import type { Turn } from "../../src/contract/turns.ts";
import { garbageRoutings } from "../fixtures/garbage-routings.ts";
import { chatRequests, useBench } from "./engine-kit.ts";
import {
  agentSays,
  asks,
  course,
  eventsOf,
  finish,
  goOn,
  ledgerOf,
  managerPrompts,
  managerSays,
  routing,
  type ScriptedReply,
} from "./modes-kit.ts";
import { useScriptedTurns } from "./scripted-turns.ts";

const bench = useBench();
const { play: orchestrate } = useScriptedTurns(bench, "orchestrator");
const four = ["ada", "bob", "cyd", "dan"];

const saying = (...keys: readonly string[]) =>
  keys.map((key) => agentSays(key, "agent", { text: `the words of ${key}` }));
const summedUp = managerSays("synthesize", { text: "All in all: begin." });

const six = [...four, "eve", "fay"];
/** Another half of the six each time. */
const halves = (round: string) =>
  (Number(round) % 2 === 0 ? six.slice(0, 3) : six.slice(3)).map((key) => [key, `Part ${round} of ${key}`] as const);
const everyone = (round: string) => six.map((key) => [key, `Part ${round} of ${key}`] as const);
const always = (assigned: (round: string) => Parameters<typeof goOn>[0]) => [
  managerSays("route", { json: routing(assigned("0")) }),
  managerSays("evaluate", { json: goOn(assigned("1")), contains: "Round 1 of" }),
  managerSays("evaluate", { json: goOn(assigned("2")), contains: "Round 2 of" }),
  managerSays("evaluate", { json: goOn(assigned("3")) }),
];
const agentsOf = (turn: Turn) => turn.steps.filter(({ purpose }) => purpose === "agent");

describe("a manager that never has enough", () => {
  it.each([
    ["asks others for more each time: 3 a round, 3 rounds", always(halves), [3, 3, 3]],
    [
      "asks all of them each time: those who are first give way to the others after the second round",
      always(everyone),
      [3, 3, 3],
    ],
    ["asks the same agent each time", always((round) => [["ada", `Again ${round}`]]), [1, 1]],
    [
      "asks the same of the same each time",
      always(() => [
        ["ada", "Begin."],
        ["bob", "Doubt."],
      ]),
      [2],
    ],
    [
      "has agents who call for each other",
      [
        ...always(halves),
        ...six.map((key) => agentSays(key, "agent", { text: "@ada @bob @eve @fay: one more round!" })),
      ],
      [3, 3, 3],
    ],
  ])("comes to its end when it %s", async (_what, replies, spoken) => {
    const { turn } = await orchestrate(six, replies);
    expect(turn.status).toBe("completed");
    expect(turn.steps.at(-1)).toMatchObject({ purpose: "synthesize", status: "done" });
    expect(spoken.map((_, index) => agentsOf(turn).filter(({ round }) => round === index + 1).length)).toEqual(spoken);
    expect(agentsOf(turn)).toHaveLength(spoken.reduce((sum, each) => sum + each, 0));
    expect(chatRequests(bench()).length).toBeLessThanOrEqual(1 + 9 + 2 + 1);
  });
});

/** No JSON, and one of each kind of shape that is none. */
const garbage: readonly (readonly [string, Partial<ScriptedReply>])[] = [
  ["prose", { text: "I would ask ada, and then bob." }],
  ["half of it", { text: '{"reason": "r", "assignments": [{"agent_key": "ada", "instr' }],
  ["two answers", { text: '{"assignments": []} {"assignments": []}' }],
  ...[0, 3, 8, 15, 20, 25, 29, 34, 44, 51, 57].map((index) => {
    const shape = garbageRoutings[index];
    return [JSON.stringify(shape).slice(0, 60), { text: JSON.stringify(shape) }] as const;
  }),
];

describe("a routing that cannot be read", () => {
  it.each(garbage)("is asked for once more, and then the rule decides: %s", async (_what, reply) => {
    const { turn } = await orchestrate(four, [
      managerSays("route", reply),
      managerSays("evaluate", reply),
      summedUp,
      ...saying(...four),
    ]);
    expect(turn.status).toBe("completed");
    expect(course(turn)).toEqual([
      "1 route @manager done",
      "1 agent ada done",
      "1 agent bob done",
      "1 agent cyd done",
      "1 evaluate @manager done",
      "1 synthesize @manager done",
    ]);
    const [route, , , , evaluate] = turn.steps;
    expect(route).toMatchObject({ flags: ["fallback"], result: { kind: "routing", is_fallback: true } });
    expect(evaluate).toMatchObject({ flags: ["fallback"], result: { verdict: "finish", is_fallback: true } });
    const routes = managerPrompts(bench(), "route");
    expect(routes.map((prompt) => prompt.includes("Your last reply could not be used"))).toEqual([false, true]);
  });

  it("counts when the second try can be, and both tries are booked", async () => {
    const { turn, room } = await orchestrate(four, [
      { ...managerSays("route", { text: "Ada, please." }), times: 1 },
      managerSays("route", { json: routing([["dan", "Go."]]) }),
      managerSays("evaluate", { json: finish }),
    ]);
    expect(turn.steps[0]).toMatchObject({ flags: [], result: { is_fallback: false } });
    expect(agentsOf(turn).map(({ agent_key }) => agent_key)).toEqual(["dan"]);
    expect((await ledgerOf(bench(), turn)).filter((line) => line.includes("route"))).toHaveLength(2);
    expect((await eventsOf(bench(), room, turn)).filter(({ type }) => type === "turn.routed")).toHaveLength(2);
  });

  it("does not come where the manager's model refuses: the first agents are asked, and the turn is partial", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { contains: "Say now who works on" } });
    const { turn } = await orchestrate(four, [managerSays("evaluate", { json: finish }), summedUp]);
    expect(course(turn)).toEqual([
      "1 route @manager failed",
      "1 agent ada done",
      "1 agent bob done",
      "1 agent cyd done",
      "1 evaluate @manager done",
      "1 synthesize @manager done",
    ]);
    expect(turn.status).toBe("partial");
  });
});

describe("a manager whose agents fail", () => {
  const routed = managerSays("route", {
    json: routing([
      ["ada", "One."],
      ["bob", "Two."],
    ]),
  });

  it("judges and sums up nothing where none of them answers", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { contains: asks.agent } });
    const { turn } = await orchestrate(four, [routed]);
    expect(course(turn)).toEqual(["1 route @manager done", "1 agent ada failed", "1 agent bob failed"]);
    expect(turn).toMatchObject({ status: "failed", error: { type: "refused" }, cost: { held: "0" } });
    expect(turn.error?.message).toMatch(/^All 2 agents failed; ada: /);
    expect(turn.cost.by_purpose).toEqual([{ purpose: "route", credits: turn.cost.credits }]);
  });

  it("sums up what was said in earlier rounds", async () => {
    bench().cloud.standIns.openRouter.setFaults({ bad_request: { system_contains: "You are cyd." } });
    const { turn } = await orchestrate(four, [
      routed,
      managerSays("evaluate", { json: goOn([["cyd", "Three."]]), times: 1 }),
      managerSays("evaluate", { json: finish }),
      summedUp,
      ...saying("ada", "bob"),
    ]);
    expect(course(turn)).toEqual([
      "1 route @manager done",
      "1 agent ada done",
      "1 agent bob done",
      "1 evaluate @manager done",
      "2 agent cyd failed",
      "2 evaluate @manager done",
      "2 synthesize @manager done",
    ]);
    expect([turn.status, turn.error, turn.steps.at(-1)?.output]).toEqual(["partial", null, "All in all: begin."]);
  });
});
