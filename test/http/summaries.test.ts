import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { listOf } from "../../src/contract/lists.ts";
import { SessionSummary } from "../../src/contract/memory.ts";
import { Turn, TurnSummary } from "../../src/contract/turns.ts";
import { createFakeQueue } from "../fakes/queue.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { ask, furnish, nobodysId, type Place, plantSummary, plantTurn } from "./memory-kit.ts";

const queue = createFakeQueue();
let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld({ ports: { queue } });
});
afterAll(() => world.stop());

const post = ({ user, sessionId }: Place, headers: Readonly<Record<string, string>> = {}) =>
  world.request("post", `/sessions/${sessionId}/summaries`, { token: user.token, headers });

/** A session of which two turns are over. */
async function talk(): Promise<Place> {
  const place = await furnish(world);
  for (const index of [1, 2]) await plantTurn(world, place, { index, texts: [`question ${index}`, `answer ${index}`] });
  return place;
}

const summaryTurns = async ({ sessionId }: Place) =>
  ask(world, "select id from turns where session_id = $1 and mode = 'summary' order by turn_index desc", [sessionId]);

async function planned({ sessionId }: Place) {
  const plans = await ask(world, "select plan from turns where session_id = $1 and mode = 'summary'", [sessionId]);
  return JSON.parse(plans[0]?.[0] ?? "");
}

const held = async ({ user }: Place) =>
  (await ask(world, "select balance_units from accounts where owner_id = $1 and kind = 'held'", [user.id]))[0]?.[0];

describe("a summary on demand", () => {
  it("is a turn beside the conversation, held for and handed to the queue", async () => {
    const place = await talk();
    const sent = queue.requests.length;
    const answer = await post(place);
    expect(answer.status).toBe(202);
    const turn = answer.json(Turn);
    expect(answer.headers.get("location")).toBe(`/api/v1/turns/${turn.id}`);
    expect(turn).toMatchObject({
      session_id: place.sessionId,
      room_id: place.roomId,
      turn_index: -1,
      status: "queued",
      mode: "summary",
      message: null,
      steps: [{ index: -1, purpose: "summarize", agent_key: "@manager", model_alias: "gpt-4o-mini", status: "ready" }],
    });
    const read = await world.request("get", `/turns/${turn.id}`, { token: place.user.token });
    expect(read.json(Turn)).toEqual(turn);
    expect(queue.requests.slice(sent).flat()).toMatchObject([
      { entrypoint: "steps", body: JSON.stringify({ v: 1, turn: turn.id, step: turn.steps[0]?.id }) },
    ]);
    expect(Number(await held(place))).toBeGreaterThan(0);
    const list = await world.request("get", `/sessions/${place.sessionId}/turns`, { token: place.user.token });
    expect(list.json(listOf(TurnSummary)).data.map(({ turn_index }) => turn_index)).toEqual([2, 1]);
  });

  it("takes one read and one write", async () => {
    const place = await talk();
    world.sqlTrips();
    await post(place);
    expect(world.sqlTrips()).toBe(2);
  });

  it("covers all turns that are over, and none from the first that is not", async () => {
    const place = await talk();
    await plantTurn(world, place, { index: 3, texts: ["question 3"], status: "paused" });
    await plantTurn(world, place, { index: 4, texts: ["question 4"], status: "queued" });
    await post(place);
    expect((await planned(place)).summary).toMatchObject({
      through_turn_index: 2,
      made_at_turn_index: 2,
      most_chunks: 1,
    });
  });

  it("is made by the room's manager, or else by the first agent whose model has a price", async () => {
    const place = await talk();
    const aliases = await ask(world, "select alias from current_model_prices where alias <> 'gpt-4o-mini' limit 1", []);
    const alias = aliases[0]?.[0] ?? "";
    const changed = { token: place.user.token, body: { manager_model_alias: alias } };
    expect((await world.request("patch", `/rooms/${place.roomId}`, changed)).status).toBe(200);
    expect((await post(place)).json(Turn).steps[0]?.model_alias).toBe(alias);
  });

  it("is held for by what there is to sum up, not by the most that a model reads", async () => {
    const short = await talk();
    await post(short);
    const long = await talk();
    await plantTurn(world, long, { index: 3, texts: ["x".repeat(20_000)] });
    expect((await post(long)).status).toBe(202);
    expect(Number(await held(short))).toBeLessThan(Number(await held(long)));
  });

  it("is one at a time: who asks again is told of the turn under way", async () => {
    const place = await talk();
    const [first, second] = [await post(place), await post(place)];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.json(Turn)).toEqual(first.json(Turn));
    expect(await summaryTurns(place)).toHaveLength(1);
  });

  it("is the one in force where nothing is new since", async () => {
    const place = await talk();
    const { id } = await plantSummary(world, place, { through_turn_index: 2 });
    await plantTurn(world, place, { index: 3, texts: ["refused"], status: "failed", isInHistory: false });
    world.sqlTrips();
    const answer = await post(place, { prefer: "wait=5" });
    expect(world.sqlTrips()).toBe(1);
    expect(answer.status).toBe(200);
    expect(answer.json(SessionSummary)).toMatchObject({ id, version: 1 });
    expect(await summaryTurns(place)).toEqual([]);
    expect(await held(place)).toBe("0");
  });

  it("is none where nothing was said", async () => {
    const place = await furnish(world);
    expect((await post(place)).problem()).toMatchObject({ status: 409, code: "conflict" });
    await plantTurn(world, place, { index: 1, texts: ["still open"], status: "running" });
    expect((await post(place)).problem()).toMatchObject({ status: 409, code: "conflict" });
  });

  it("goes on where the last one stopped", async () => {
    const place = await talk();
    await plantSummary(world, place, { through_turn_index: 1, cursor: { turn_index: 2, position: 1, offset: 3 } });
    expect((await post(place)).status).toBe(202);
  });

  it("is refused where it cannot be paid for, and leaves nothing behind", async () => {
    const place = await talk();
    const budget = { token: place.user.token, body: { budget: "0.000000001" } };
    await world.request("patch", `/sessions/${place.sessionId}`, budget);
    const problem = (await post(place, { "idempotency-key": "poor" })).problem();
    expect(problem).toMatchObject({ status: 402, code: "budget_exceeded", scope: "session", budget: "0.000000001" });
    expect(await summaryTurns(place)).toEqual([]);
    await world.request("patch", `/sessions/${place.sessionId}`, { ...budget, body: { budget: null } });
    expect((await post(place, { "idempotency-key": "poor" })).status).toBe(202);
  });

  it("is refused where no model of the room has a price", async () => {
    const place = await talk();
    await world.request("delete", `/rooms/${place.roomId}/agents/ada`, { token: place.user.token });
    expect((await post(place)).problem()).toMatchObject({ status: 422, code: "model_unavailable" });
  });

  it("is nobody else's, and none of a session that is gone", async () => {
    const place = await talk();
    const stranger = await world.signUp();
    expect((await post({ ...place, user: stranger })).problem()).toMatchObject({ code: "not_found" });
    expect((await post({ ...place, sessionId: nobodysId() })).problem()).toMatchObject({ code: "not_found" });
    await world.request("delete", `/rooms/${place.roomId}/sessions/${place.sessionId}`, { token: place.user.token });
    expect((await post(place)).problem()).toMatchObject({ code: "not_found" });
    expect(await summaryTurns(place)).toEqual([]);
  });

  it("needs a key that may begin turns", async () => {
    const place = await talk();
    const body = { name: "k", scopes: ["sessions:write", "turns:read"] };
    const made = await world.request("post", "/api_keys", { token: place.user.token, body });
    const token = made.json(CreatedApiKey).secret ?? "";
    const asKey = { ...place, user: { ...place.user, token } };
    expect((await post(asKey)).problem()).toMatchObject({ code: "forbidden" });
  });
});

describe("a summary on demand with an Idempotency-Key", () => {
  it("is answered the same again, whatever has come of it since", async () => {
    const place = await talk();
    const once = { "idempotency-key": "sum-up" };
    const first = await post(place, once);
    const again = await post(place, once);
    await ask(
      world,
      "update turns set status = 'completed', finished_at = now() where session_id = $1 and mode = 'summary'",
      [place.sessionId],
    );
    await plantSummary(world, place, { through_turn_index: 2 });
    const later = await post(place, once);
    for (const replay of [again, later]) {
      expect([replay.status, replay.text]).toEqual([202, first.text]);
      expect(replay.headers.get("location")).toBe(first.headers.get("location"));
      expect(replay.headers.get("idempotent-replayed")).toBe("true");
    }
    expect(await summaryTurns(place)).toHaveLength(1);
  });

  it("cannot have the key of another request", async () => {
    const place = await talk();
    const other = { ...place, sessionId: (await furnish(world, place.user)).sessionId };
    await plantTurn(world, other, { index: 1, texts: ["Hello"] });
    await post(place, { "idempotency-key": "mine" });
    expect((await post(other, { "idempotency-key": "mine" })).problem()).toMatchObject({
      code: "idempotency_conflict",
    });
    expect(await summaryTurns(other)).toEqual([]);
  });
});
