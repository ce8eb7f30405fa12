import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { UsageRow } from "../../src/contract/usage.ts";
import { type Answer, type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { openPlace, seedCalls } from "../support/seed-money.ts";

const Page = listOf(UsageRow);

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

function read(user: ApiUser, query: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return world.request("get", `/usage${query}`, { token: user.token, headers });
}

const rowsOf = async (user: ApiUser, query: string) => (await read(user, query)).json(Page).data;

describe("the pages of usage", () => {
  let user: ApiUser;
  beforeAll(async () => {
    user = await world.signUp();
    for (let index = 0; index < 5; index += 1) {
      const calls = [0, 1].map((half) => ({
        at: `2026-10-0${index + 1}T0${half}:00:00Z`,
        agentKey: `agent_${index}`,
        modelAlias: `provider/model-${index}`,
        purpose: `purpose_${index}`,
        chargedUnits: 1n,
      }));
      await seedCalls(world.backend, await openPlace(world, user, { room: `=${index}` }), calls);
    }
  });

  it.each(["day", "agent", "model", "room", "session", "purpose"])(
    "by %s have each key once, with all of its calls",
    async (group) => {
      const whole = await rowsOf(user, `?group_by=${group}&limit=100`);
      expect(whole.map(({ model_calls, credits }) => [model_calls, credits])).toEqual(
        Array(5).fill([2, "0.000000002"]),
      );
      const seen: UsageRow[] = [];
      let cursor = "";
      for (let pages = 0; pages < 9; pages += 1) {
        const page = (await read(user, `?group_by=${group}&limit=2${cursor}`)).json(Page);
        seen.push(...page.data);
        if (page.next_cursor === null) break;
        cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
      }
      expect(seen).toEqual(whole);
    },
  );

  it("as CSV have the rows and the names of the JSON, a page's link, and no formula", async () => {
    const query = "?group_by=room&limit=2&from=2026-10-01";
    const { data, next_cursor } = (await read(user, query)).json(Page);
    const answer = await read(user, query, { accept: "text/csv" });
    const lines = data.map(({ key, label }) => `${key},'${label},2,0,0,0,0,0,0.000000002,,false\r\n`);
    const header =
      "key,label,model_calls,lost_calls,fresh_tokens,cached_tokens,output_tokens,oe,credits,cost_usd,is_estimated\r\n";
    expect(answer.text).toBe(header + lines.join(""));
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="usage-by-room.csv"');
    const next = /^<\/api\/v1\/usage(\?[^>]+)>; rel="next"$/.exec(answer.headers.get("link") ?? "")?.[1] ?? "";
    expect(await rowsOf(user, next)).toEqual(await rowsOf(user, `${query}&cursor=${next_cursor}`));
  });
});
