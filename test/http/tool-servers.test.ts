import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { ToolServer } from "../../src/contract/tool-servers.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const url = "https://tools.example.com/mcp";
const authorization = "Bearer s3cret-of-the-server";

let world: ApiWorld;
let ada: ApiUser;
let room: string;
let servers: string;
beforeAll(async () => {
  world = await openApiWorld();
});
beforeEach(async () => {
  ada = await world.signUp();
  room = (await ask("post", "/rooms", { name: "Room" })).json(Room).id;
  servers = `/rooms/${room}/tool_servers`;
});
afterEach(() => world.setFaults("dns", {}));
afterAll(() => world.stop());

function ask(method: string, path: string, body?: unknown, headers = {}) {
  return world.request(method, path, { token: ada.token, headers, ...(body === undefined ? {} : { body }) });
}

const make = (more: object = {}) => ask("post", servers, { name: "mail", url, ...more });

async function authorizationOf(id: string) {
  const sql = `select "authorization" from tool_servers where id = $1`;
  return (await rowsAs(world.backend, "pantheon_system", { sql, params: [id] }))[0]?.[0];
}

describe("a new tool server", () => {
  it("takes its authorization and never shows it, in no answer and no log line", async () => {
    const made = await make({ authorization });
    const server = made.json(ToolServer);
    expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1${servers}/mail`]);
    expect(server).toMatchObject({
      name: "mail",
      url,
      has_authorization: true,
      requires_approval: true,
      room_id: room,
    });
    const later = [
      await ask("get", `${servers}/MAIL`),
      await ask("get", servers),
      await ask("patch", `${servers}/mail`, { requires_approval: true }),
      await ask("get", "/openapi.json"),
    ];
    expect(later[0]?.json(ToolServer)).toEqual(server);
    expect(later[1]?.json(listOf(ToolServer)).data).toEqual([server]);
    for (const { text } of [made, ...later]) expect(text).not.toContain("s3cret");
    expect(JSON.stringify(world.logged)).not.toContain("s3cret");
    expect(await authorizationOf(server.id)).toBe(authorization);
  });

  it("may need none, and no approval", async () => {
    expect((await make({ requires_approval: false })).json(ToolServer)).toMatchObject({
      has_authorization: false,
      requires_approval: false,
    });
  });

  it.each([
    ["/name", { name: "" }],
    ["/name", { name: "a/b" }],
    ["/name", { name: "a b" }],
    ["/name", { name: "x".repeat(41) }],
    ["/url", { url: "http://tools.example.com/" }],
    ["/url", { url: "https://10.0.0.1/" }],
    ["/url", { url: "https://169.254.169.254/" }],
    ["/url", { url: "https://10.0.0.1.nip.io/" }],
    ["/url", { url: "" }],
    ["/authorization", { authorization: "" }],
    ["/authorization", { authorization: "Bearer a\r\nX-Evil: 1" }],
    ["/authorization", { authorization: "Bearer é" }],
    ["/authorization", { authorization: ` ${authorization}` }],
    ["/authorization", { authorization: "x".repeat(4_097) }],
    ["/requires_approval", { requires_approval: "no" }],
    ["/has_authorization", { has_authorization: true }],
  ])("is refused at %s: %j", async (pointer, wrong) => {
    const problem = (await make(wrong)).problem();
    expect([problem.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([422, "validation_failed", pointer]);
  });

  it("is refused while its name cannot be resolved, and nothing of it is kept", async () => {
    await world.setFaults("dns", { down: true });
    expect((await make()).problem().errors?.[0]?.pointer).toBe("/url");
    expect((await ask("get", servers)).json(listOf(ToolServer)).data).toEqual([]);
  });

  it("has a name of its own in its room, in whatever case", async () => {
    await make();
    expect((await make({ name: "Mail" })).problem()).toMatchObject({ status: 409, code: "conflict" });
    const other = (await ask("post", "/rooms", { name: "Other" })).json(Room).id;
    expect((await ask("post", `/rooms/${other}/tool_servers`, { name: "mail", url })).status).toBe(201);
  });

  it("is made once for one Idempotency-Key", async () => {
    const headers = { "idempotency-key": "once" };
    const body = { name: "mail", url, authorization };
    const first = await ask("post", servers, body, headers);
    const again = await ask("post", servers, body, headers);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(again.json(ToolServer)).toEqual(first.json(ToolServer));
    const sql = "select value from idempotency_keys where owner_id = $1";
    const [kept] = await rowsAs(world.backend, "pantheon_system", { sql, params: [ada.id] });
    expect(kept?.[0]).not.toContain("s3cret");
  });

  it("needs a room that is there", async () => {
    expect((await ask("post", `/rooms/${randomUUID()}/tool_servers`, { name: "a", url })).problem().status).toBe(404);
    expect((await ask("get", `/rooms/${randomUUID()}/tool_servers`)).problem().status).toBe(404);
  });

  it("comes in pages, newest first", async () => {
    for (const name of ["a", "b", "c"]) await make({ name });
    const page = (await ask("get", `${servers}?limit=2`)).json(listOf(ToolServer));
    expect([page.data.map(({ name }) => name), page.has_more]).toEqual([["c", "b"], true]);
    const rest = (await ask("get", `${servers}?limit=2&cursor=${page.next_cursor}`)).json(listOf(ToolServer));
    expect([rest.data.map(({ name }) => name), rest.has_more]).toEqual([["a"], false]);
  });
});

describe("a tool server that is changed", () => {
  it("takes what is named and keeps the rest", async () => {
    const made = (await make({ authorization })).json(ToolServer);
    const changed = (await ask("patch", `${servers}/mail`, { requires_approval: false })).json(ToolServer);
    expect({ ...changed, updated_at: "" }).toEqual({ ...made, requires_approval: false, updated_at: "" });
    expect(await authorizationOf(made.id)).toBe(authorization);
    expect((await ask("patch", `${servers}/mail`, { authorization: null })).json(ToolServer).has_authorization).toBe(
      false,
    );
    expect(await authorizationOf(made.id)).toBeNull();
  });

  it("keeps its authorization from a new address, unless it comes with it", async () => {
    const made = (await make({ authorization })).json(ToolServer);
    const change = async (body: object) => (await ask("patch", `${servers}/mail`, body)).json(ToolServer);
    expect(await change({ url })).toMatchObject({ url, has_authorization: true });
    const elsewhere = "https://elsewhere.example.com/mcp";
    expect(await change({ url: elsewhere })).toMatchObject({ url: elsewhere, has_authorization: false });
    expect(await authorizationOf(made.id)).toBeNull();
    expect(await change({ url, authorization })).toMatchObject({ url, has_authorization: true });
  });

  it.each([
    ["/url", { url: "https://192.168.0.1.nip.io/" }],
    ["/authorization", { authorization: 7 }],
    ["/name", { name: "other" }],
    ["", {}],
  ])("is refused at %s, and stays as it was", async (pointer, wrong) => {
    const made = (await make()).json(ToolServer);
    const problem = (await ask("patch", `${servers}/mail`, wrong)).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect((await ask("get", `${servers}/mail`)).json(ToolServer)).toEqual(made);
  });
});

describe("a tool server that is gone", () => {
  it("is gone with its authorization, and its name is free", async () => {
    const { id } = (await make({ authorization })).json(ToolServer);
    expect((await ask("delete", `${servers}/mail`)).status).toBe(204);
    for (const [method, body] of [["get"], ["patch", { requires_approval: false }], ["delete"]] as const)
      expect((await ask(method, `${servers}/mail`, body)).problem().code).toBe("not_found");
    expect(await authorizationOf(id)).toBeNull();
    expect((await make()).status).toBe(201);
  });

  it("goes with its room, and so does what opened it", async () => {
    const { id } = (await make({ authorization })).json(ToolServer);
    expect((await ask("delete", `/rooms/${room}`)).status).toBe(204);
    expect((await ask("get", `${servers}/mail`)).problem().code).toBe("not_found");
    expect(await authorizationOf(id)).toBeNull();
  });
});

describe("an authorization in the database", () => {
  it.each([
    `select "authorization" from tool_servers`,
    "select * from tool_servers",
    "select v from tool_servers v",
    `update tool_servers set url = "authorization"`,
    `update tool_servers set "authorization" = 'x' returning "authorization"`,
    `select id from tool_servers where "authorization" like 'Bearer%'`,
  ])("is not to be had by the role of users' requests: %s", async (sql) => {
    await make({ authorization });
    const refusal = await errorOf(rowsAs(world.backend, "pantheon_app", { sql }, ada.id));
    expect(refusal).toMatchObject({ details: { code: "42501" } });
  });

  it("that could not be stored is in no log line and no answer", async () => {
    await world.backend.run({ sql: "alter table tool_servers add constraint refuse_all check (url = '') not valid" });
    const before = world.logged.length;
    const answer = await make({ authorization });
    await world.backend.run({ sql: "alter table tool_servers drop constraint refuse_all" });
    expect(answer.problem()).toMatchObject({ status: 500, code: "internal" });
    const lines = JSON.stringify(world.logged.slice(before));
    expect(lines).toContain("refuse_all");
    expect(answer.text + lines).not.toContain("s3cret");
  });
});

describe.each(databaseKinds)("a room's tool servers on $title", ({ isMissing, open }) => {
  let many: ApiWorld;
  beforeAll(async () => {
    if (!isMissing) many = await openApiWorld({ database: await open() });
  });
  afterAll(() => many?.stop());

  it.skipIf(isMissing)("are at most ten, however many are made at once", async () => {
    for (let round = 0; round < 3; round += 1) {
      const { token } = await many.signUp();
      const made = (await many.request("post", "/rooms", { token, body: { name: "x" } })).json(Room).id;
      const path = `/rooms/${made}/tool_servers`;
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          many.request("post", path, { token, body: { name: `s${index}`, url } }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(201), ...Array(6).fill(409)]);
      const { data } = (await many.request("get", path, { token })).json(listOf(ToolServer));
      expect(data).toHaveLength(10);
      await many.request("delete", `${path}/${data[0]?.name}`, { token });
      expect((await many.request("post", path, { token, body: { name: "next", url } })).status).toBe(201);
    }
  });
});
