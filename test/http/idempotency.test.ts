import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Agent } from "../../src/contract/agents.ts";
import { ApiKey, CreatedApiKey } from "../../src/contract/api-keys.ts";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";

describe.each(databaseKinds)("an Idempotency-Key on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  let ada: ApiUser;
  let roomId: string;
  let keys = 0;
  beforeAll(async () => {
    if (isMissing) return;
    world = await openApiWorld({ database: await open() });
    ada = await world.signUp();
    roomId = (await create("/rooms", { name: "Home" }, "home")).json(Room).id;
  });
  afterAll(() => world?.stop());

  function create(path: string, body: unknown, key: string, token: string = ada.token) {
    return world.request("post", path, { token, body, headers: { "idempotency-key": key } });
  }

  function newKey(): string {
    keys += 1;
    return `key ${keys} ~`;
  }

  async function count(path: string): Promise<number> {
    const answer = await world.request("get", `${path}?limit=100`, { token: ada.token });
    return answer.json(listOf(path.endsWith("agents") ? Agent : path.endsWith("sessions") ? Session : Room)).data
      .length;
  }

  const creations = [
    ["a room", () => "/rooms", { name: "Once" }],
    ["an agent", () => `/rooms/${roomId}/agents`, { agent_key: "once", name: "Once", model_alias: "gpt-4o-mini" }],
    ["a session", () => `/rooms/${roomId}/sessions`, { title: "Once" }],
  ] as const;

  it.skipIf(isMissing).each(creations)("makes %s once, and answers the same to the byte", async (_, path, body) => {
    const key = newKey();
    const before = await count(path());
    const first = await create(path(), body, key);
    expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([201, null]);
    const again = await create(path(), body, key);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    for (const name of ["location", "etag", "content-type"])
      expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    expect(await count(path())).toBe(before + 1);
  });

  it.skipIf(isMissing)("never shows the secret of an API key again", async () => {
    const body = { name: "once", scopes: ["rooms:read"] };
    const first = (await create("/api_keys", body, "secret")).json(CreatedApiKey);
    const again = (await create("/api_keys", body, "secret")).json(CreatedApiKey);
    expect(again).toEqual({ ...first, secret: null });
    const [, stored] = await world.backend.runBatch([
      { sql: "set local role pantheon_system" },
      { sql: "select value from idempotency_keys where key = 'secret'" },
    ]);
    expect(stored?.rows[0]?.[0]).toContain('"secret":null');
    const listed = await world.request("get", "/api_keys", { token: ada.token });
    expect(listed.json(listOf(ApiKey)).data).toHaveLength(1);
  });

  it.skipIf(isMissing)("refuses another body, even one that differs in a blank, and another path", async () => {
    const key = newKey();
    await create("/rooms", { name: "a" }, key);
    const conflict = { status: 422, code: "idempotency_conflict" };
    expect((await create("/rooms", { name: "b" }, key)).problem()).toMatchObject(conflict);
    const headers = { "idempotency-key": key };
    const blank = await world.request("post", "/rooms", { token: ada.token, rawBody: '{"name": "a"}', headers });
    expect(blank.problem()).toMatchObject(conflict);
    expect((await create(`/rooms/${roomId}/sessions`, {}, key)).problem()).toMatchObject(conflict);
  });

  it.skipIf(isMissing)("is not used up by a request that was refused", async () => {
    const key = newKey();
    expect((await create("/rooms", { name: "" }, key)).status).toBe(422);
    const agent = { agent_key: "late", name: "Late", model_alias: "gpt-99" };
    expect((await create(`/rooms/${roomId}/agents`, agent, key)).problem().code).toBe("model_unavailable");
    expect((await create(`/rooms/${crypto.randomUUID()}/sessions`, {}, key)).problem().code).toBe("not_found");
    expect((await create("/rooms", { name: "now" }, key)).headers.get("idempotent-replayed")).toBeNull();
  });

  it.skipIf(isMissing)(
    "replays an agent whose own seat now stands in the way, and a child of a room now gone",
    async () => {
      const room = (await create("/rooms", { name: "Short" }, newKey())).json(Room);
      const agent = { agent_key: "a", name: "A", model_alias: "gpt-4o-mini", position: 4 };
      const key = newKey();
      const first = await create(`/rooms/${room.id}/agents`, agent, key);
      expect((await create(`/rooms/${room.id}/agents`, agent, key)).text).toBe(first.text);
      expect((await create(`/rooms/${room.id}/agents`, agent, newKey())).problem().code).toBe("conflict");
      await world.request("delete", `/rooms/${room.id}`, { token: ada.token });
      expect((await create(`/rooms/${room.id}/agents`, agent, key)).text).toBe(first.text);
    },
  );

  it.skipIf(isMissing)("belongs to its caller", async () => {
    const bob = await world.signUp();
    const first = (await create("/rooms", { name: "mine" }, "shared")).json(Room);
    const other = await create("/rooms", { name: "mine" }, "shared", bob.token);
    expect(other.headers.get("idempotent-replayed")).toBeNull();
    expect(other.json(Room).id).not.toBe(first.id);
  });

  it.skipIf(isMissing)("is the same for a user and that user's key", async () => {
    const made = await create("/api_keys", { name: "k", scopes: ["rooms:write"] }, newKey());
    const key = newKey();
    const first = await create("/rooms", { name: "by user" }, key);
    const again = await create("/rooms", { name: "by user" }, key, made.json(CreatedApiKey).secret ?? "");
    expect([again.text, again.headers.get("idempotent-replayed")]).toEqual([first.text, "true"]);
  });

  it.skipIf(isMissing).each([
    ["of 255 characters", "k".repeat(255), 201],
    ["of 256", "k".repeat(256), 422],
    ["that is empty", "", 422],
    ["that is not ASCII", "ä", 422],
    ["with a tab", "a\tb", 422],
  ])("%s is answered rightly", async (_, key, status) => {
    const answer = await create("/rooms", { name: "x" }, key);
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.problem().errors?.[0]?.pointer).toBe("/header/idempotency-key");
  });

  it.skipIf(isMissing).each(creations)("lets one of 50 requests at once make %s", async (_, path, body) => {
    const room = (await create("/rooms", { name: "Race" }, newKey())).json(Room).id;
    const target = path().replace(roomId, room);
    const key = newKey();
    const before = await count(target);
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(target, body, key)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
    expect(await count(target)).toBe(before + 1);
  });
});
