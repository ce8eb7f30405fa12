import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { WebhookEndpoint } from "../../src/contract/webhooks.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";

const body = { url: "https://hooks.example.com/x" };

describe.each(databaseKinds)("a user's webhook endpoints on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  beforeAll(async () => {
    if (!isMissing) world = await openApiWorld({ database: await open() });
  });
  afterAll(() => world?.stop());

  function asUser(token: string) {
    return {
      make: () => world.request("post", "/webhook_endpoints", { token, body }),
      list: async () =>
        (await world.request("get", "/webhook_endpoints?limit=100", { token })).json(listOf(WebhookEndpoint)).data,
      remove: (id: string | undefined) => world.request("delete", `/webhook_endpoints/${id}`, { token }),
    };
  }

  it.skipIf(isMissing)("are at most 20, however many are made at once", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { make, list } = asUser((await world.signUp()).token);
      const first = await Promise.all(Array.from({ length: 18 }, make));
      expect(first.map(({ status }) => status)).toEqual(Array(18).fill(201));
      const answers = await Promise.all(Array.from({ length: 20 }, make));
      const refused = answers.filter(({ status }) => status !== 201);
      expect(refused.map((answer) => answer.problem().code)).toEqual(Array(18).fill("conflict"));
      expect(await list()).toHaveLength(20);
    }
  });

  it.skipIf(isMissing)("make room when one is deleted", async () => {
    const { make, list, remove } = asUser((await world.signUp()).token);
    await Promise.all(Array.from({ length: 20 }, make));
    expect((await remove((await list())[7]?.id)).status).toBe(204);
    expect((await make()).status).toBe(201);
    expect((await make()).problem().detail).toBe("A user has at most 20 webhook endpoints.");
  });

  it.skipIf(isMissing)("have one of 10 rotations at once under one key take place", async () => {
    const { token } = await world.signUp();
    const made = (await world.request("post", "/webhook_endpoints", { token, body })).json(WebhookEndpoint);
    const path = `/webhook_endpoints/${made.id}/rotate_secret`;
    const rotate = () => world.request("post", path, { token, body: {}, headers: { "idempotency-key": "rotate" } });
    const answers = await Promise.all(Array.from({ length: 10 }, rotate));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(answers.filter(({ text }) => text.includes('"secret":"whsec_'))).toHaveLength(1);
    expect(new Set(answers.map(({ text }) => text.replace(/whsec_[^"]+/, "").replace("null", '""'))).size).toBe(1);
  });
});
