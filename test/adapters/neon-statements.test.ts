import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Agent } from "../../src/contract/agents.ts";
import { Room } from "../../src/contract/rooms.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { rowsAs } from "../support/tenant-rows.ts";

describe.each(databaseKinds)("what is stored on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  let ada: ApiUser;
  beforeAll(async () => {
    if (isMissing) return;
    world = await openApiWorld({ database: await open() });
    ada = await world.signUp();
  });
  afterAll(() => world?.stop());

  const ask = (method: string, path: string, body?: unknown) =>
    world.request(method, path, { token: ada.token, ...(body === undefined ? {} : { body }) });

  it.skipIf(isMissing)("reads back to the last character and digit", async () => {
    const name = "'; drop table rooms; -- \\ \" % _ $1 é \u2028 漢 😀";
    const body = { name, goal: "\u0001\ttab\r\n", budget: "999999999.999999999" };
    const made = (await ask("post", "/rooms", body)).json(Room);
    expect((await ask("get", `/rooms/${made.id}`)).json(Room)).toEqual(made);
    expect(made).toMatchObject(body);
    const agent = {
      agent_key: "A_-9",
      name,
      model_alias: "gpt-4o-mini",
      role_prompt: "x".repeat(20_000),
      position: 9999,
    };
    const seated = (await ask("post", `/rooms/${made.id}/agents`, agent)).json(Agent);
    expect((await ask("get", `/rooms/${made.id}/agents/a_-9`)).json(Agent)).toEqual(seated);
    expect(seated).toMatchObject(agent);
  });

  it.skipIf(isMissing)("is soft-deleted, and touched by every change", async () => {
    const { id } = (await ask("post", "/rooms", { name: "x" })).json(Room);
    await rowsAs(world.backend, "pantheon_system", {
      sql: "update rooms set created_at = '2020-01-01T00:00:00Z' where id = $1",
      params: [id],
    });
    await ask("delete", `/rooms/${id}`);
    const sql = "select deleted_at is not null, updated_at = deleted_at, version from rooms where id = $1";
    expect(await rowsAs(world.backend, "pantheon_system", { sql, params: [id] })).toEqual([["t", "t", "1"]]);
  });

  it.skipIf(isMissing)("lists from an index, however many rooms others have", async () => {
    const explain = "explain select * from rooms where owner_id = $1 and deleted_at is null order by id desc limit 21";
    const [, , plan] = await world.backend.runBatch([
      { sql: "set local role pantheon_system" },
      { sql: "set local enable_seqscan = off" },
      { sql: explain, params: [ada.id] },
    ]);
    expect(plan?.rows.flat().join("\n")).toContain("rooms_owner_live");
  });
});
