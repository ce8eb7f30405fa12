import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { Transaction, Wallet } from "../../src/contract/wallet.ts";
import { type Answer, type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { moveMoney, openPlace, seedCalls } from "../support/seed-money.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const credit = 1_000_000_000n;
const Page = listOf(Transaction);

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld({ variables: { SIGNUP_GRANT_CREDITS: "100" } });
});
afterAll(() => world.stop());

function read(user: ApiUser, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return world.request("get", path, { token: user.token, headers });
}

const walletOf = async (user: ApiUser) => (await read(user, "/wallet")).json(Wallet);

const grant = (user: ApiUser, key: string, units: bigint, at = "2126-01-01T00:00:00Z") =>
  moveMoney(world.backend, user, { key, reason: "admin_grant", units, at });

describe("the wallet's transactions", () => {
  it("are what moved the balance, newest first, and sum to it", async () => {
    const user = await world.signUp();
    const place = await openPlace(world, user);
    const turnId = await seedCalls(world.backend, place, []);
    await moveMoney(world.backend, user, {
      key: "hold:a",
      reason: "hold",
      units: -7n,
      at: "2126-01-01T00:00:00Z",
      turnId,
    });
    await moveMoney(world.backend, user, {
      key: "release:a",
      reason: "release",
      units: 3n,
      at: "2126-01-02T00:00:00Z",
      turnId,
    });
    const { data } = (await read(user, "/wallet/transactions")).json(Page);
    expect(data.map(({ id, type, amount, turn_id }) => [id, type, amount, turn_id])).toEqual([
      ["release:a", "release", "0.000000003", turnId],
      ["hold:a", "hold", "-0.000000007", turnId],
      ["signup", "signup_grant", "100", null],
    ]);
    expect(data[0]?.created_at).toBe("2126-01-02T00:00:00.000Z");
    expect((await walletOf(user)).balance).toBe("99.999999996");
  });

  it("leave out what moved other accounts", async () => {
    const user = await world.signUp();
    await walletOf(user);
    await rowsAs(world.backend, "pantheon_system", {
      sql: `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
        values ('lost:1', $1, 'waste', 'lost', -5), ('lost:1', $1, 'revenue', 'lost', 5),
          ('hold:1', $1, 'wallet', 'hold', -7), ('hold:1', $1, 'held', 'hold', 7)`,
      params: [user.id],
    });
    const { data } = (await read(user, "/wallet/transactions")).json(Page);
    expect(data.map(({ id, amount }) => [id, amount])).toEqual([
      ["hold:1", "-0.000000007"],
      ["signup", "100"],
    ]);
  });

  it("come page by page, each once, though many share a moment", async () => {
    const user = await world.signUp();
    await walletOf(user);
    const moments = ["2126-01-01T00:00:00.000001Z", "2126-01-01T00:00:00.000002Z"];
    for (let index = 0; index < 12; index += 1)
      await grant(user, `grant:${String(index).padStart(2, "0")}`, credit, moments[index % 2]);
    const whole = (await read(user, "/wallet/transactions?limit=100")).json(Page).data.map(({ id }) => id);
    expect(whole).toHaveLength(13);
    const seen: string[] = [];
    let query = "";
    for (let pages = 0; pages < 20; pages += 1) {
      const page = (await read(user, `/wallet/transactions?limit=3${query}`)).json(Page);
      seen.push(...page.data.map(({ id }) => id));
      if (page.next_cursor === null) break;
      query = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
    expect(seen).toEqual(whole);
  });

  it.each(["1", "a.b", "1763719200123456", "1763719200123456.", `1763719200123456.${"x".repeat(181)}`, "%00"])(
    "refuse the cursor %s",
    async (cursor) => {
      const problem = (await read(await world.signUp(), `/wallet/transactions?cursor=${cursor}`)).problem();
      expect([problem.code, problem.errors?.[0]?.pointer]).toEqual(["validation_failed", "/query/cursor"]);
    },
  );

  it("show nobody else's, whatever the cursor", async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    for (const user of [ada, bob]) await walletOf(user);
    for (const key of ["grant:1", "grant:2"]) await grant(ada, key, credit);
    const { next_cursor } = (await read(ada, "/wallet/transactions?limit=1")).json(Page);
    const theirs = await read(bob, `/wallet/transactions?cursor=${encodeURIComponent(next_cursor ?? "")}`);
    expect(theirs.json(Page).data.map(({ id }) => id)).toEqual(["signup"]);
    expect(await walletOf(bob)).toMatchObject({ balance: "100" });
  });
});

describe("the transactions as CSV", () => {
  const csv = { accept: "text/csv" };

  it("have the rows and the names of the JSON", async () => {
    const user = await world.signUp();
    await walletOf(user);
    await grant(user, "grant:1", -credit / 2n, "2126-01-01T00:00:00Z");
    const answer = await read(user, "/wallet/transactions", csv);
    const [, signup] = (await read(user, "/wallet/transactions")).json(Page).data;
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=UTF-8; header=present");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="transactions.csv"');
    expect(answer.headers.get("vary")).toContain("Accept");
    expect(answer.headers.has("link")).toBe(false);
    expect(answer.text).toBe(
      "id,type,amount,turn_id,created_at\r\n" +
        "grant:1,admin_grant,-0.5,,2126-01-01T00:00:00.000Z\r\n" +
        `signup,signup_grant,100,,${signup?.created_at}\r\n`,
    );
  });

  it("are paged by the Link header, over the same rows", async () => {
    const user = await world.signUp();
    await walletOf(user);
    for (let index = 0; index < 5; index += 1) await grant(user, `grant:${index}`, credit);
    const lines: string[] = [];
    let path: string | undefined = "/wallet/transactions?limit=2";
    for (let pages = 0; path !== undefined && pages < 9; pages += 1) {
      const answer: Answer = await read(user, path, csv);
      lines.push(...answer.text.trimEnd().split("\r\n").slice(1));
      path = /^<\/api\/v1(\/[^>]+)>; rel="next"$/.exec(answer.headers.get("link") ?? "")?.[1];
    }
    const { data } = (await read(user, "/wallet/transactions")).json(Page);
    expect(lines.map((line) => line.split(",")[0])).toEqual(data.map(({ id }) => id));
  });

  it("are refused as problems, like the JSON", async () => {
    const answer = await read(await world.signUp(), "/wallet/transactions?cursor=x", csv);
    expect(answer.problem().code).toBe("validation_failed");
  });

  it("tell a page of another origin where the next one is", async () => {
    const exposed = (await world.request("get", "/health")).headers.get("access-control-expose-headers");
    expect(exposed?.split(",")).toContain("Link");
  });
});
