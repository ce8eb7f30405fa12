import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Turn } from "../../src/contract/turns.ts";
import { useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(() => bench().holdQueue());

const tooMany = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`field${index}`, index]));

describe("a body that is not valid", () => {
  it.each([
    ["no message", {}, "/message"],
    ["a blank message", { message: " \n\t " }, "/message"],
    ["a message with NUL", { message: "a\0b" }, "/message"],
    ["half a character", { message: "a\ud800" }, "/message"],
    ["a message beyond a million characters", { message: "a".repeat(1_000_001) }, "/message"],
    ["no round", { message: "Go", rounds: 0 }, "/rounds"],
    ["six rounds", { message: "Go", rounds: 6 }, "/rounds"],
    ["half a round", { message: "Go", rounds: 1.5 }, "/rounds"],
    ["an unknown mode", { message: "Go", mode: "duel" }, "/mode"],
    ["an unknown on_busy", { message: "Go", on_busy: "wait" }, "/on_busy"],
    ["an unknown field", { message: "Go", massage: "x" }, "/massage"],
    ["too many metadata fields", { message: "Go", metadata: tooMany }, "/metadata"],
    ["a nested metadata value", { message: "Go", metadata: { a: {} } }, "/metadata/a"],
    ["a long metadata value", { message: "Go", metadata: { a: "x".repeat(501) } }, "/metadata/a"],
  ])("is refused for %s, and where", async (_what, body, pointer) => {
    const { user, session } = await furnished;
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, { token: user.token, body });
    const problem = answer.problem();
    expect(problem).toMatchObject({ status: 422, code: "validation_failed" });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  let furnished: ReturnType<ReturnType<typeof bench>["furnish"]>;
  beforeEach(() => {
    furnished ??= bench().furnish(["ada"]);
  });
});

describe("who may", () => {
  const Key = z.object({ secret: z.string() });
  const routesOf = (session: string, turn: string) =>
    [
      ["get", `/sessions/${session}/turns`],
      ["get", `/sessions/${session}/messages`],
      ["get", `/turns/${turn}`],
      ["get", `/turns/${turn}/events`],
      ["get", `/turns/${turn}/context`],
      ["post", `/turns/${turn}/cancel`],
      ["post", `/sessions/${session}/turns`],
    ] as const;

  it("does with a key what its scopes say, and no more", async () => {
    const { user, session, send } = await bench().furnish(["ada"]);
    const turn = await send("Go");
    const makeKey = async (scopes: readonly string[]) => {
      const answer = await bench().request("post", "/api_keys", { token: user.token, body: { name: "Key", scopes } });
      return answer.json(Key).secret;
    };
    const [reader, writer] = [await makeKey(["turns:read"]), await makeKey(["turns:write"])];
    for (const [method, path] of routesOf(session.id, turn.id)) {
      const [allowed, refused] = method === "get" ? [reader, writer] : [writer, reader];
      const body = path.endsWith("/turns") && method === "post" ? { message: "Go" } : undefined;
      const no = await bench().request(method, path, { token: refused, body });
      expect(no.problem()).toMatchObject({ status: 403, code: "forbidden" });
      const yes = await bench().request(method, path, { token: allowed, body });
      expect([path, yes.status]).toEqual([path, method === "post" && body !== undefined ? 202 : 200]);
    }
  });

  it("shows nothing of a turn or session of somebody else, on any route", async () => {
    const { session, send } = await bench().furnish(["ada"]);
    const turn = await send("Go");
    const { token } = await bench().signUp();
    const missing = crypto.randomUUID();
    const theirs = routesOf(session.id, turn.id);
    const nobodys = routesOf(missing, missing);
    for (const [index, [method, path]] of theirs.entries()) {
      const body = path.endsWith("/turns") && method === "post" ? { message: "Go" } : undefined;
      const ask = async (where: string) => {
        const { request_id: _differs, ...problem } = (await bench().request(method, where, { token, body })).problem();
        return problem;
      };
      const answer = await ask(path);
      expect(answer).toMatchObject({ status: 404, code: "not_found" });
      expect(answer).toEqual(await ask(nobodys[index]?.[1] ?? ""));
    }
  });

  it("sends no turn into a session that is gone, and has none of its turns any more", async () => {
    const { user, room, session, send } = await bench().furnish(["ada"]);
    const { token } = user;
    await bench().holdQueue();
    const turn = await send("Go");
    await bench().request("delete", `/rooms/${room.id}/sessions/${session.id}`, { token });
    const decisions = [{ id: crypto.randomUUID(), decision: "approved" }];
    for (const [method, path, body] of [
      ["get", ""],
      ["get", "/events"],
      ["get", "/context"],
      ["post", "/cancel"],
      ["post", "/resume"],
      ["post", "/approvals", { decisions }],
    ] as const)
      expect((await bench().request(method, `/turns/${turn.id}${path}`, { token, body })).problem().status).toBe(404);
    const sent = { token, body: { message: "Go" } };
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, sent);
    expect(answer.problem()).toMatchObject({ status: 404 });
  });
});

describe("an agent without a price", () => {
  it("is refused by name, and no turn begins", async () => {
    const { user, session } = await bench().furnish(["ada", "bob"]);
    await bench().write("update room_agents set model_alias = 'unheard-of' where agent_key = 'bob' and owner_id = $1", [
      user.id,
    ]);
    const path = `/sessions/${session.id}/turns`;
    const answer = await bench().request("post", path, { token: user.token, body: { message: "Go" } });
    expect(answer.problem()).toMatchObject({ status: 422, code: "model_unavailable" });
    expect(answer.problem().detail).toContain("unheard-of");
    const without = { message: "Only @ada please", mode: "manual" };
    const narrowed = await bench().request("post", path, { token: user.token, body: without });
    expect(narrowed.json(Turn).steps.map((step) => step.agent_key)).toEqual(["ada"]);
  });
});
