import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { maxPinnedMessages } from "../../src/contract/memory.ts";
import { Message } from "../../src/contract/messages.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { ask, furnish, nobodysId, type Place, plantTurn } from "./memory-kit.ts";

const texts = (count: number) => Array.from({ length: count }, (_, index) => `message ${index}`);

describe.each(databaseKinds)("a pin on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  beforeAll(async () => {
    if (!isMissing) world = await openApiWorld({ database: await open() });
  });
  afterAll(() => world?.stop());

  const change = (method: "put" | "delete", { user }: Place, id: string) =>
    world.request(method, `/messages/${id}/pin`, { token: user.token });
  const pinned = async ({ sessionId }: Place) =>
    Number(
      (await ask(world, "select count(*) from messages where session_id = $1 and is_pinned", [sessionId]))[0]?.[0],
    );

  it.skipIf(isMissing)("is put on and taken off a message, as often as one likes", async () => {
    const place = await furnish(world);
    const [, id = ""] = await plantTurn(world, place, { index: 1, texts: texts(2) });
    for (const method of ["put", "put", "delete", "delete"] as const) {
      const message = (await change(method, place, id)).json(Message);
      expect(message).toMatchObject({ id, text: "message 1", is_pinned: method === "put" });
      expect(await pinned(place)).toBe(method === "put" ? 1 : 0);
    }
  });

  it.skipIf(isMissing)("takes one round trip", async () => {
    const place = await furnish(world);
    const [id = ""] = await plantTurn(world, place, { index: 1, texts: texts(1) });
    world.sqlTrips();
    await change("put", place, id);
    await change("delete", place, id);
    expect(world.sqlTrips()).toBe(2);
  });

  it.skipIf(isMissing)("is on fifty messages of a session at most, however many come at once", async () => {
    const place = await furnish(world);
    const ids = await plantTurn(world, place, { index: 1, texts: texts(maxPinnedMessages + 5) });
    await ask(world, "update messages set is_pinned = true where session_id = $1 and position < $2::int", [
      place.sessionId,
      String(maxPinnedMessages - 2),
    ]);
    const rest = ids.slice(maxPinnedMessages - 2);
    const answers = await Promise.all(rest.map((id) => change("put", place, id)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(5);
    for (const answer of refused)
      expect(answer.problem()).toMatchObject({ code: "conflict", detail: "A session has at most 50 pinned messages." });
    expect(await pinned(place)).toBe(maxPinnedMessages);
    expect((await change("put", place, ids[0] ?? "")).status).toBe(200);
    await change("delete", place, ids[0] ?? "");
    const another = rest.find((_, index) => answers[index]?.status !== 200) ?? "";
    expect((await change("put", place, another)).status).toBe(200);
  });

  it.skipIf(isMissing)("of another session does not count", async () => {
    const full = await furnish(world);
    await plantTurn(world, full, { index: 1, texts: texts(maxPinnedMessages) });
    await ask(world, "update messages set is_pinned = true where session_id = $1", [full.sessionId]);
    const place = await furnish(world, full.user);
    const [id = ""] = await plantTurn(world, place, { index: 1, texts: texts(1) });
    expect((await change("put", place, id)).status).toBe(200);
  });

  it.skipIf(isMissing)("is not for a message that goes into no prompt", async () => {
    const place = await furnish(world);
    const [id = ""] = await plantTurn(world, place, {
      index: 1,
      texts: texts(1),
      status: "failed",
      isInHistory: false,
    });
    expect((await change("put", place, id)).problem()).toMatchObject({ status: 409, code: "conflict" });
    expect((await change("delete", place, id)).json(Message).is_pinned).toBe(false);
  });

  it.skipIf(isMissing)(
    "is nobody else's, and none of a message that is not there or whose session is gone",
    async () => {
      const place = await furnish(world);
      const [id = ""] = await plantTurn(world, place, { index: 1, texts: texts(1) });
      const stranger = { ...place, user: await world.signUp() };
      await world.request("get", "/auth/me", { token: stranger.user.token });
      for (const method of ["put", "delete"] as const) {
        expect((await change(method, stranger, id)).problem()).toMatchObject({ code: "not_found" });
        expect((await change(method, place, nobodysId())).problem()).toMatchObject({ code: "not_found" });
      }
      await world.request("delete", `/rooms/${place.roomId}/sessions/${place.sessionId}`, { token: place.user.token });
      expect((await change("put", place, id)).problem()).toMatchObject({ code: "not_found" });
      expect(await pinned(place)).toBe(0);
    },
  );

  it.skipIf(isMissing)("needs a key that may write sessions", async () => {
    const place = await furnish(world);
    const [id = ""] = await plantTurn(world, place, { index: 1, texts: texts(1) });
    const body = { name: "k", scopes: ["sessions:read"] };
    const made = await world.request("post", "/api_keys", { token: place.user.token, body });
    const token = made.json(CreatedApiKey).secret;
    expect((await world.request("put", `/messages/${id}/pin`, { token })).problem()).toMatchObject({
      code: "forbidden",
    });
  });
});
