import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Room } from "../../src/contract/rooms.ts";
import { type Answer, type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";

let world: ApiWorld;
let ada: ApiUser;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
});
afterAll(() => world.stop());

type Headers = Readonly<Record<string, string>>;

function ask(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
  return world.request(method, path, { token: ada.token, headers, ...(body === undefined ? {} : { body }) });
}

async function makeRoom(body: object = { name: "A room" }): Promise<Room> {
  return (await ask("post", "/rooms", body)).json(Room);
}

describe("a new room", () => {
  it("is at its Location with its ETag, and reads as it was answered", async () => {
    const body = { name: " Launch ", goal: "Decide", mode: "manual", budget: "12.50" };
    const made = await ask("post", "/rooms", body);
    expect(made.status).toBe(201);
    const room = made.json(Room);
    expect(room).toMatchObject({ name: "Launch", goal: "Decide", mode: "manual", budget: "12.5", version: 1 });
    expect(made.headers.get("location")).toBe(`/api/v1/rooms/${room.id}`);
    expect(made.headers.get("etag")).toBe('"1"');
    const read = await ask("get", `/rooms/${room.id}`);
    expect([read.status, read.json(Room), read.headers.get("etag")]).toEqual([200, room, '"1"']);
  });

  it("has defaults for all but its name", async () => {
    expect(await makeRoom({ name: "x" })).toMatchObject({ goal: "", mode: "roundtable", budget: null });
  });

  it("takes the longest name and goal, and 𝄞 counts as it does in JavaScript", async () => {
    expect((await makeRoom({ name: "𝄞".repeat(100), goal: "g".repeat(4000) })).name).toBe("𝄞".repeat(100));
  });

  it("keeps every storable character", async () => {
    const goal = "tab\t nl\n quote\" \\ \u0001 \ufeff \u2028 é 漢 👩‍👩‍👧 '; drop table rooms; --";
    const { id } = await makeRoom({ name: "x", goal });
    expect((await ask("get", `/rooms/${id}`)).json(Room).goal).toBe(goal);
  });

  it.each([
    ["/name", {}],
    ["/name", { name: "" }],
    ["/name", { name: " \n " }],
    ["/name", { name: "x".repeat(201) }],
    ["/name", { name: 7 }],
    ["/name", { name: null }],
    ["/goal", { name: "x", goal: "g".repeat(4001) }],
    ["/mode", { name: "x", mode: "chaos" }],
    ["/budget", { name: "x", budget: 12.5 }],
    ["/budget", { name: "x", budget: "-1" }],
    ["/budget", { name: "x", budget: "1e3" }],
    ["/budget", { name: "x", budget: "1.0000000001" }],
    ["/budget", { name: "x", budget: "1000000000" }],
    ["/budget", { name: "x", budget: "9".repeat(100_000) }],
    ["/colour", { name: "x", colour: "red" }],
    ["/a~1b~0c", { name: "x", "a/b~c": 1 }],
    ["/id", { name: "x", id: "0190a000-0000-7000-8000-000000000000" }],
    ["/owner_id", { name: "x", owner_id: "0190a000-0000-7000-8000-000000000000" }],
  ])("is refused at %s", async (pointer, body) => {
    const problem = (await ask("post", "/rooms", body)).problem();
    expect([problem.status, problem.code]).toEqual([422, "validation_failed"]);
    expect([...new Set(problem.errors?.map((error) => error.pointer))]).toEqual([pointer]);
  });
});

describe("changing a room", () => {
  it("changes what is named, counts the version up, and leaves the rest", async () => {
    const room = await makeRoom({ name: "Old", goal: "g", budget: "5" });
    const changed = await ask("patch", `/rooms/${room.id}`, { name: "New" });
    expect(changed.status).toBe(200);
    expect(changed.headers.get("etag")).toBe('"2"');
    const now = changed.json(Room);
    expect(now).toEqual({ ...room, name: "New", version: 2, updated_at: now.updated_at });
    expect(Date.parse(now.updated_at)).toBeGreaterThanOrEqual(Date.parse(room.updated_at));
  });

  it("can take the budget away", async () => {
    const room = await makeRoom({ name: "x", budget: "5" });
    expect((await ask("patch", `/rooms/${room.id}`, { budget: null })).json(Room).budget).toBeNull();
  });

  it("must change something, and only what it may", async () => {
    const { id } = await makeRoom();
    expect((await ask("patch", `/rooms/${id}`, {})).problem().errors?.[0]?.message).toBe(
      "must change at least one field",
    );
    expect((await ask("patch", `/rooms/${id}`, { version: 9 })).problem().errors?.[0]?.pointer).toBe("/version");
  });

  it.each([
    ['"1"', 200],
    ["*", 200],
    ['"2"', 412],
    ['"7", "8"', 412],
    ['W/"1"', 412],
    ['"01"', 412],
    ["1", 412],
    ['"99999999999999999999"', 412],
    ['"1" or "2"', 412],
  ])("with If-Match %s is answered %i", async (tag, status) => {
    const { id } = await makeRoom();
    for (const [method, body] of [
      ["patch", { name: "New" }],
      ["delete", undefined],
    ] as const) {
      const target = method === "delete" ? (await makeRoom()).id : id;
      const answer = await ask(method, `/rooms/${target}`, body, { "if-match": tag });
      expect(answer.status).toBe(method === "delete" && status === 200 ? 204 : status);
      if (status === 412) {
        expect(answer.problem().code).toBe("precondition_failed");
        expect((await ask("get", `/rooms/${target}`)).json(Room).version).toBe(1);
      }
    }
  });

  it("lets one of two clients with the same ETag win", async () => {
    const { id } = await makeRoom();
    const change = (name: string) => ask("patch", `/rooms/${id}`, { name }, { "if-match": '"1"' });
    const statuses = (await Promise.all([change("a"), change("b")])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412]);
  });
});

describe("reading a room that the client already has", () => {
  it.each([
    ['"1"', 304],
    ['W/"1"', 304],
    ['"8", "1"', 304],
    ["*", 304],
    ['"2"', 200],
    ["1", 200],
  ])("with If-None-Match %s is answered %i", async (tag, status) => {
    const { id } = await makeRoom();
    const answer = await ask("get", `/rooms/${id}`, undefined, { "if-none-match": tag });
    expect([answer.status, answer.headers.get("etag")]).toEqual([status, '"1"']);
    if (status === 304) expect(answer.text).toBe("");
  });
});

describe("a deleted room", () => {
  it("is gone with all below it, for good", async () => {
    const { id } = await makeRoom();
    const agent = { agent_key: "critic", name: "Critic", model_alias: "gpt-4o-mini" };
    expect((await ask("post", `/rooms/${id}/agents`, agent)).status).toBe(201);
    const session = (await ask("post", `/rooms/${id}/sessions`, {})).headers.get("location") ?? "";
    const deleted = await ask("delete", `/rooms/${id}`);
    expect([deleted.status, deleted.text]).toEqual([204, ""]);
    for (const [method, path, body] of [
      ["get", `/rooms/${id}`],
      ["patch", `/rooms/${id}`, { name: "back" }],
      ["delete", `/rooms/${id}`],
      ["get", `/rooms/${id}/agents`],
      ["post", `/rooms/${id}/agents`, agent],
      ["get", `/rooms/${id}/agents/critic`],
      ["patch", `/rooms/${id}/agents/critic`, { name: "x" }],
      ["delete", `/rooms/${id}/agents/critic`],
      ["put", `/rooms/${id}/agents/order`, { agent_keys: ["critic"] }],
      ["get", `/rooms/${id}/sessions`],
      ["post", `/rooms/${id}/sessions`, {}],
      ["get", session.slice("/api/v1".length)],
      ["patch", session.slice("/api/v1".length), { title: "x" }],
      ["delete", `/rooms/${id}/sessions/${session.split("/").at(-1)}`],
    ] as const) {
      expect([method, path, (await ask(method, path, body)).problem().code]).toEqual([method, path, "not_found"]);
    }
    const { rows } = await world.backend
      .runBatch([
        { sql: "set local role pantheon_system" },
        { sql: "select count(*) from rooms where id = $1 and deleted_at is not null", params: [id] },
      ])
      .then(([, counted]) => counted ?? { rows: [] });
    expect(rows).toEqual([["1"]]);
  });
});

describe("an id that is no id", () => {
  it.each([
    "1",
    "null",
    "..",
    "%00",
    "0190a000-0000-7000-8000-00000000000g",
    "'%20or%201=1",
    "%F0%9F%98%80",
    "x".repeat(5000),
  ])("names nothing: %.20s", async (id) => {
    const answer = await ask("get", `/rooms/${id}`);
    expect(answer.problem().code).toBe("not_found");
  });

  it("may be written in capitals", async () => {
    const { id } = await makeRoom();
    expect((await ask("get", `/rooms/${id.toUpperCase()}`)).json(Room).id).toBe(id);
  });
});
