import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { Agent } from "../../src/contract/agents.ts";
import { ApiKey } from "../../src/contract/api-keys.ts";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { rowsAs } from "../support/tenant-rows.ts";
import { createChance } from "./fuzz/chance.ts";

interface List {
  readonly title: string;
  readonly item: typeof Room | typeof Agent | typeof Session | typeof ApiKey;
  /** Null where entries stay for good. */
  readonly table: string | null;
  path(roomId: string): string;
  body(number: number): object;
}

const lists: readonly List[] = [
  { title: "rooms", item: Room, table: "rooms", path: () => "/rooms", body: (number) => ({ name: `room ${number}` }) },
  {
    title: "agents",
    item: Agent,
    table: "room_agents",
    path: (roomId) => `/rooms/${roomId}/agents`,
    body: (number) => ({ agent_key: `a${number}`, name: "A", model_alias: "gpt-4o-mini" }),
  },
  {
    title: "sessions",
    item: Session,
    table: "sessions",
    path: (roomId) => `/rooms/${roomId}/sessions`,
    body: () => ({}),
  },
  {
    title: "API keys",
    item: ApiKey,
    table: null,
    path: () => "/api_keys",
    body: (number) => ({ name: `key ${number}`, scopes: ["rooms:read"] }),
  },
];

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

async function openRoom(): Promise<readonly [ApiUser, string]> {
  const user = await world.signUp();
  const room = await world.request("post", "/rooms", { token: user.token, body: { name: "Home" } });
  return [user, room.json(Room).id];
}

describe.each(lists)("a list of $title", ({ item, table, path, body }) => {
  const Page: z.ZodType<{ data: { id: string }[]; has_more: boolean; next_cursor: string | null }> = listOf(item);

  async function fill(user: ApiUser, address: string, count: number, from = 0): Promise<void> {
    for (let number = from; number < from + count; number += 1)
      expect((await world.request("post", address, { token: user.token, body: body(number) })).status).toBe(201);
  }

  async function page(user: ApiUser, address: string, limit: number, cursor: string | null) {
    const after = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await world.request("get", `${address}?limit=${limit}${after}`, { token: user.token });
    return answer.json(Page);
  }

  it("has 20 on a page unless told otherwise, and says whether there are more", async () => {
    const [user, room] = await openRoom();
    const address = path(room);
    await fill(user, address, 21);
    const first = (await world.request("get", address, { token: user.token })).json(Page);
    expect([first.data.length, first.has_more, typeof first.next_cursor]).toEqual([20, true, "string"]);
    const rest = await page(user, address, 100, first.next_cursor);
    expect([rest.has_more, rest.next_cursor]).toEqual([false, null]);
  });

  it("shows all that was there, once and in order, while others are made, for any page size", async () => {
    const chance = createChance(7);
    for (let run = 0; run < 4; run += 1) {
      const [user, room] = await openRoom();
      const address = path(room);
      await fill(user, address, 12);
      const there = (await page(user, address, 100, null)).data.map(({ id }) => id);
      const seen: string[] = [];
      const limit = 1 + chance.below(7);
      let cursor: string | null = null;
      let made = 100;
      do {
        const next: z.infer<typeof Page> = await page(user, address, limit, cursor);
        expect(next.data.length).toBeLessThanOrEqual(limit);
        expect(next.has_more).toBe(next.next_cursor !== null);
        seen.push(...next.data.map(({ id }) => id));
        cursor = next.next_cursor;
        if (made < 110 && chance.isLucky(0.6)) {
          made += 1;
          await fill(user, address, 1, made);
        }
      } while (cursor !== null);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => there.includes(id))).toEqual(there);
    }
  });

  if (table !== null)
    it("goes on from a cursor whose own entry is gone", async () => {
      const [user, room] = await openRoom();
      const address = path(room);
      await fill(user, address, 5);
      const all = (await page(user, address, 100, null)).data.map(({ id }) => id);
      const first = await page(user, address, 2, null);
      const sql = `update ${table} set deleted_at = pantheon_now() where id = $1 returning 1`;
      expect(await rowsAs(world.backend, "pantheon_system", { sql, params: [all[1] ?? ""] })).toEqual([["1"]]);
      const second = await page(user, address, 2, first.next_cursor);
      expect(second.data.map(({ id }) => id)).toEqual(all.slice(2, 4));
    });
});
