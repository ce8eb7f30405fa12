import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, useBench } from "./engine-kit.ts";
import { agentSays, finish, managerSays, promptsOf, routing, type ScriptedReply } from "./modes-kit.ts";

const bench = useBench();
const schema = {
  type: "object",
  properties: { answer: { type: "string", enum: ["go", "wait"] }, days: { type: "integer", minimum: 0 } },
  required: ["answer", "days"],
  additionalProperties: false,
};
const right = { answer: "wait", days: 3 };
const wrong = { answer: "wait", days: -1 };

beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

const script = (replies: readonly ScriptedReply[]) => bench().cloud.standIns.openRouter.setScript([...replies]);
const create = ({ user, session }: Furnished, body: object, headers = {}) =>
  bench().request("post", `/sessions/${session.id}/turns`, {
    token: user.token,
    body: { message: "@ada @bob ship?", response_schema: schema, ...body },
    headers,
  });
const finished = async (room: Furnished, body: object) => room.finish((await create(room, body)).json(Turn));

const Sent = z.looseObject({
  response_format: z.looseObject({ json_schema: z.looseObject({ name: z.string() }) }).optional(),
});
/** The names of the forms that were asked for, call by call; null for plain words. */
const forms = () => chatRequests(bench()).map(({ body }) => Sent.parse(body).response_format?.json_schema.name ?? null);

describe("a turn with a response_schema", () => {
  it.each([
    ["manual", [null, "response"]],
    ["roundtable", [null, "response"]],
    ["council", [null, null, "response"]],
    ["orchestrator", ["routing", null, null, "evaluation", "response"]],
    ["debate", [null, null, null, null, "vote", "vote", "response"]],
  ])("answers in it with its last step, in the mode %s", async (mode, expected) => {
    const last =
      mode === "manual" || mode === "roundtable" ? agentSays("bob", "agent", {}) : managerSays("synthesize", {});
    script([
      { ...last, json: right },
      managerSays("route", {
        json: routing([
          ["ada", "Look."],
          ["bob", "Doubt."],
        ]),
      }),
      managerSays("evaluate", { json: finish }),
    ]);
    const turn = await finished(await bench().furnish(["ada", "bob"]), { mode });
    expect(turn).toMatchObject({ status: "completed", response: right });
    expect(turn.steps.at(-1)).toMatchObject({
      result: { kind: "structured", value: right },
      output: JSON.stringify(right),
    });
    expect(turn.steps.slice(0, -1).map(({ result }) => result?.kind)).not.toContain("structured");
    expect(forms().toSorted()).toEqual([...expected].toSorted());
    // In a manual turn all who are tagged are asked at once.
    if (mode !== "manual") expect(forms().at(-1)).toBe("response");
  });

  it("answers in it in the last of several rounds alone", async () => {
    const turn = await finished(await bench().furnish(["ada", "bob"]), { mode: "roundtable", rounds: 2 });
    expect(forms()).toEqual([null, null, null, "response"]);
    expect(turn.response).toMatchObject({ answer: expect.stringMatching(/^(?:go|wait)$/), days: expect.any(Number) });
  });

  it("asks once more for what does not fit, and says where", async () => {
    script([{ ...agentSays("bob", "agent", { json: wrong }), times: 1 }, agentSays("bob", "agent", { json: right })]);
    const turn = await finished(await bench().furnish(["ada", "bob"]), { mode: "roundtable" });
    expect(turn).toMatchObject({ status: "completed", response: right });
    const [first, second] = promptsOf(bench(), "agent", "You are bob.");
    expect(first).not.toContain("could not be used");
    expect(second).toContain("At /days");
  });

  it.each([
    ["another shape", { json: wrong }],
    ["prose", { text: "Wait three days." }],
    ["a list", { json: [right] }],
  ])("fails its last step where that does not fit twice, and is partial: %s", async (_what, reply) => {
    script([agentSays("bob", "agent", reply)]);
    const turn = await finished(await bench().furnish(["ada", "bob"]), { mode: "roundtable" });
    expect(turn).toMatchObject({ status: "partial", response: null });
    expect(turn.steps.map(({ status, error }) => [status, error?.type ?? null])).toEqual([
      ["done", null],
      ["failed", "invalid_reply"],
    ]);
    expect(promptsOf(bench(), "agent", "You are bob.")).toHaveLength(2);
  });

  it("is created once for one key, and only with one schema", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const key = { "idempotency-key": "with-a-form" };
    const first = await create(room, {}, key);
    await room.finish(first.json(Turn));
    expect((await create(room, {}, key)).json(Turn)).toEqual(first.json(Turn));
    const calls = chatRequests(bench()).length;
    const other = await create(room, { response_schema: { ...schema, required: ["days"] } }, key);
    expect(other.problem()).toMatchObject({ code: "idempotency_conflict" });
    expect(await bench().count("select count(*) from turns where session_id = $1", [room.session.id])).toBe(1);
    expect(chatRequests(bench())).toHaveLength(calls);
  });
});

describe("a response_schema is refused", () => {
  it.each([
    ["that is none", { type: "nothing" }, "/response_schema/type"],
    ["for a list", { type: "array" }, "/response_schema/type"],
    [
      "of an unknown type",
      { ...schema, properties: { days: { type: "days" } } },
      "/response_schema/properties/days/type",
    ],
    [
      "from elsewhere",
      { type: "object", properties: { a: { $ref: "https://x.example/s" } } },
      "/response_schema/properties/a/$ref",
    ],
    ["with a keyword that is not supported", { ...schema, contentEncoding: "x", unheardOf: 1 }, "/response_schema/"],
  ])("%s, and where", async (_what, response_schema, pointer) => {
    const room = await bench().furnish(["ada"]);
    const problem = (await create(room, { response_schema })).problem();
    expect(problem).toMatchObject({ status: 422, code: "validation_failed" });
    expect(problem.errors?.[0]?.pointer).toContain(pointer);
    const body = { message: "Go", response_schema };
    const quoted = await bench().request("post", `/sessions/${room.session.id}/turns/quote`, {
      token: room.user.token,
      body,
    });
    expect(quoted.problem().errors).toEqual(problem.errors);
    expect(await bench().count("select count(*) from turns where session_id = $1", [room.session.id])).toBe(0);
  });
});
