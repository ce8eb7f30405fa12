import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Agent } from "../../src/contract/agents.ts";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { type Answer, type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";

let world: ApiWorld;
let ada: ApiUser;
let agents: string;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
});
beforeEach(async () => {
  agents = `/rooms/${(await ask("post", "/rooms", { name: "A room" })).json(Room).id}/agents`;
});
afterAll(() => world.stop());

function ask(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
  return world.request(method, path, { token: ada.token, headers, ...(body === undefined ? {} : { body }) });
}

function seat(agent_key: string, more: object = {}): Promise<Answer> {
  return ask("post", agents, { agent_key, name: agent_key, model_alias: "gpt-4o-mini", ...more });
}

async function seated(): Promise<readonly (readonly [string, number])[]> {
  const page = (await ask("get", agents)).json(listOf(Agent));
  return page.data.map((agent) => [agent.agent_key, agent.position] as const);
}

describe("a new agent", () => {
  it("is at its Location with its ETag, and reads as it was answered", async () => {
    const made = await seat("critic", { name: " The Critic ", role_prompt: "Doubt.", position: 3 });
    expect(made.status).toBe(201);
    const agent = made.json(Agent);
    expect(agent).toMatchObject({ agent_key: "critic", name: "The Critic", role_prompt: "Doubt.", position: 3 });
    expect(made.headers.get("location")).toBe(`/api/v1${agents}/critic`);
    const read = await ask("get", `${agents}/CRITIC`);
    expect([read.status, read.json(Agent), read.headers.get("etag")]).toEqual([200, agent, '"1"']);
    expect((await ask("get", `${agents}/critic`, undefined, { "if-none-match": '"1"' })).status).toBe(304);
  });

  it("sits after the last one unless it asks for a place", async () => {
    for (const [key, more] of [
      ["a", {}],
      ["b", { position: 7 }],
      ["c", {}],
      ["d", { position: 0 + 1 }],
    ] as const)
      expect((await seat(key, more)).status).toBe(201);
    expect(await seated()).toEqual([
      ["a", 0],
      ["d", 1],
      ["b", 7],
      ["c", 8],
    ]);
  });

  it("finds a place when the last one is taken", async () => {
    await seat("a", { position: 9999 });
    expect((await seat("b")).json(Agent).position).toBe(0);
  });

  it("may have a word of our addresses for a key", async () => {
    await seat("order");
    expect((await ask("get", `${agents}/order`)).json(Agent).agent_key).toBe("order");
    expect((await ask("delete", `${agents}/order`)).status).toBe(204);
  });

  it("cannot have a key that is taken, in whatever case, nor a place", async () => {
    await seat("critic", { position: 2 });
    expect((await seat("Critic")).problem()).toMatchObject({ status: 409, code: "conflict" });
    expect((await seat("other", { position: 2 })).problem()).toMatchObject({ status: 409, code: "conflict" });
    expect(await seated()).toEqual([["critic", 2]]);
  });

  it("may take over the key and place of a deleted one", async () => {
    await seat("critic", { position: 2 });
    await ask("delete", `${agents}/critic`);
    expect((await seat("critic", { position: 2 })).status).toBe(201);
  });

  it("is refused where its model has no price", async () => {
    expect((await seat("a", { model_alias: "gpt-99" })).problem()).toMatchObject({
      status: 422,
      code: "model_unavailable",
    });
    expect(await seated()).toEqual([]);
  });

  it("is refused in a full room, as the 51st", async () => {
    const answers = [];
    for (let index = 0; index < 51; index += 1) answers.push(await seat(`agent-${index}`));
    expect(answers.map(({ status }) => status)).toEqual([...Array(50).fill(201), 409]);
    expect(answers[50]?.problem().detail).toContain("50");
  });

  it.each([
    ["/agent_key", { agent_key: "" }],
    ["/agent_key", { agent_key: "a b" }],
    ["/agent_key", { agent_key: "é" }],
    ["/agent_key", { agent_key: "a".repeat(65) }],
    ["/agent_key", { agent_key: "a\n" }],
    ["/name", { name: "" }],
    ["/name", { name: "x".repeat(121) }],
    ["/model_alias", { model_alias: "a b" }],
    ["/role_prompt", { role_prompt: "x".repeat(20_001) }],
    ["/role_prompt", { role_prompt: null }],
    ["/position", { position: -1 }],
    ["/position", { position: 10_000 }],
    ["/position", { position: 1.5 }],
    ["/position", { position: "1" }],
    ["/position", { position: 1e308 }],
    ["/position", { position: 2 ** 53 }],
    ["/version", { version: 1 }],
  ])("is refused at %s", async (pointer, wrong) => {
    const problem = (await seat("critic", wrong)).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});

describe("changing an agent", () => {
  it("changes what is named and counts the version up", async () => {
    const agent = (await seat("critic")).json(Agent);
    const change = { name: "New", model_alias: "gpt-4o", role_prompt: "Praise.", position: 5 };
    const changed = await ask("patch", `${agents}/critic`, change, { "if-match": '"1"' });
    const now = changed.json(Agent);
    expect(now).toEqual({ ...agent, ...change, version: 2, updated_at: now.updated_at });
    expect(changed.headers.get("etag")).toBe('"2"');
  });

  it("is refused for another version, an unpriced model, a taken place, a key, and nothing at all", async () => {
    await seat("critic");
    await seat("other");
    const change = async (body: object, tag = "*") =>
      (await ask("patch", `${agents}/critic`, body, { "if-match": tag })).problem().code;
    expect(await change({ name: "x" }, '"2"')).toBe("precondition_failed");
    expect(await change({ name: "x", model_alias: "gpt-99" }, '"2"')).toBe("precondition_failed");
    expect(await change({ model_alias: "gpt-99" })).toBe("model_unavailable");
    expect(await change({ position: 1 })).toBe("conflict");
    expect(await change({ agent_key: "x" })).toBe("validation_failed");
    expect(await change({})).toBe("validation_failed");
    expect((await ask("get", `${agents}/critic`)).json(Agent)).toMatchObject({ name: "critic", version: 1 });
  });
});

describe("deleting an agent", () => {
  it("takes its seat away, once", async () => {
    await seat("critic");
    expect((await ask("delete", `${agents}/critic`, undefined, { "if-match": '"2"' })).status).toBe(412);
    expect((await ask("delete", `${agents}/critic`, undefined, { "if-match": '"1"' })).status).toBe(204);
    expect((await ask("delete", `${agents}/critic`)).problem().code).toBe("not_found");
    expect((await ask("get", `${agents}/critic`)).problem().code).toBe("not_found");
    expect(await seated()).toEqual([]);
  });
});

describe("the order of agents", () => {
  const Ordered = z.object({ data: z.array(Agent) });

  it("puts all of them in their new places", async () => {
    for (const key of ["a", "b", "c"]) await seat(key, key === "c" ? { position: 9999 } : {});
    const ordered = await ask("put", `${agents}/order`, { agent_keys: ["c", "A", "b"] });
    expect(ordered.status).toBe(200);
    expect(ordered.json(Ordered).data.map(({ agent_key, version }) => [agent_key, version])).toEqual([
      ["c", 2],
      ["a", 2],
      ["b", 2],
    ]);
    expect(await seated()).toEqual([
      ["c", 0],
      ["a", 1],
      ["b", 2],
    ]);
  });

  it.each([
    ["one too few", ["a", "b"]],
    ["one too many", ["a", "b", "c", "d"]],
    ["a stranger", ["a", "b", "d"]],
    ["one twice", ["a", "b", "B"]],
    ["none", []],
    ["a key that is none", ["a", "b", "c d"]],
    ["51", Array.from({ length: 51 }, (_, index) => `k${index}`)],
  ])("is all or nothing: %s", async (_, agent_keys) => {
    for (const key of ["a", "b", "c"]) await seat(key);
    const answer = await ask("put", `${agents}/order`, { agent_keys });
    expect(answer.problem()).toMatchObject({ status: 422, code: "validation_failed" });
    expect(answer.problem().errors?.[0]?.pointer).toMatch(/^\/agent_keys/);
    expect(await seated()).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ]);
  });
});
