import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { listOf } from "../../src/contract/lists.ts";
import { Transaction, Wallet } from "../../src/contract/wallet.ts";
import { type Answer, type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { moveMoney } from "../support/seed-money.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const credit = 1_000_000_000n;
const Page = listOf(Transaction);

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld({ variables: { SIGNUP_GRANT_CREDITS: "100" } });
});
afterAll(() => world.stop());

function read(user: ApiUser, path: string): Promise<Answer> {
  return world.request("get", path, { token: user.token });
}

const walletOf = async (user: ApiUser) => (await read(user, "/wallet")).json(Wallet);

const grant = (user: ApiUser, key: string, units: bigint) =>
  moveMoney(world.backend, user, { key, reason: "admin_grant", units, at: "2126-01-01T00:00:00Z" });

describe("the wallet", () => {
  it("of somebody new holds the first grant, in credits and in dollars", async () => {
    expect(await walletOf(await world.signUp())).toEqual({
      balance: "100",
      held: "0",
      is_low: false,
      low_balance_below: "5",
      balance_usd: "3",
      usd_per_credit: "0.03",
    });
  });

  it("tells what is held apart from what can be spent", async () => {
    const user = await world.signUp();
    await walletOf(user);
    await rowsAs(world.backend, "pantheon_system", {
      sql: `insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
        values ('hold:1', $1, 'wallet', 'hold', -1500000001), ('hold:1', $1, 'held', 'hold', 1500000001)`,
      params: [user.id],
    });
    expect(await walletOf(user)).toMatchObject({ balance: "98.499999999", held: "1.500000001" });
  });

  it.each([
    [-95n * credit, "5", false],
    [-95n * credit - 1n, "4.999999999", true],
    [-100n * credit, "0", true],
  ])("after %i units is at %s, which is low: %s", async (units, balance, isLow) => {
    const user = await world.signUp();
    await walletOf(user);
    await grant(user, "change", units);
    expect(await walletOf(user)).toMatchObject({ balance, is_low: isLow });
  });

  it("is exact to the last unit beyond what a float can count", async () => {
    const user = await world.signUp();
    await walletOf(user);
    await grant(user, "large", 2n ** 53n + 1n);
    expect(await walletOf(user)).toMatchObject({ balance: "9007299.254740993", balance_usd: "270218.97764222979" });
    const [entry] = (await read(user, "/wallet/transactions")).json(Page).data;
    expect(entry?.amount).toBe("9007199.254740993");
  });

  it("opens to a key that may read money, and to no other", async () => {
    const user = await world.signUp();
    const keyOf = async (scope: string) => {
      const body = { name: "k", scopes: [scope] };
      return (await world.request("post", "/api_keys", { token: user.token, body })).json(CreatedApiKey).secret;
    };
    const [reader, other] = [await keyOf("money:read"), await keyOf("money:write")];
    for (const path of ["/wallet", "/wallet/transactions", "/usage", "/budgets"]) {
      expect((await world.request("get", path, { token: reader })).status).toBe(200);
      expect((await world.request("get", path, { token: other })).problem().code).toBe("forbidden");
    }
  });
});
