import { expect, it } from "vitest";
import { Budgets } from "../../src/contract/budgets.ts";
import { listOf } from "../../src/contract/lists.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { UsageGroup, UsageRow } from "../../src/contract/usage.ts";
import { Transaction, Wallet } from "../../src/contract/wallet.ts";
import { parseCredits } from "../../src/domain/money/credits.ts";
import type { Furnished } from "../support/engine.ts";
import { useBench } from "./engine-kit.ts";

const granted = parseCredits("100");
const bench = useBench({ variables: { SIGNUP_GRANT_CREDITS: "100" } });

const toUnits = (amount: string) => (amount.startsWith("-") ? -parseCredits(amount.slice(1)) : parseCredits(amount));
const sumOf = (amounts: readonly string[]) => amounts.reduce((sum, amount) => sum + toUnits(amount), 0n);

/** No day ends while the test runs. */
function secondsToNoon(now: Date): number {
  const daySeconds = 86_400;
  return (1.5 * daySeconds - (Math.floor(now.getTime() / 1000) % daySeconds)) % daySeconds;
}

/** What this user has paid so far, as each of the places that tell it says. */
async function paidBySource({ user: { token } }: Furnished): Promise<Readonly<Record<string, bigint>>> {
  const read = (path: string) => bench().request("get", path, { token });
  const wallet = (await read("/wallet")).json(Wallet);
  const transactions = (await read("/wallet/transactions?limit=100")).json(listOf(Transaction)).data;
  const budgets = (await read("/budgets")).json(Budgets);
  const usage = UsageGroup.options.map(async (group) => {
    const { data } = (await read(`/usage?limit=100&group_by=${group}`)).json(listOf(UsageRow));
    return [`usage by ${group}`, sumOf(data.map(({ credits }) => credits))] as const;
  });
  return {
    wallet: granted - toUnits(wallet.balance) - toUnits(wallet.held),
    transactions: granted - sumOf(transactions.map(({ amount }) => amount)) - toUnits(wallet.held),
    today: toUnits(budgets.today.spent),
    this_month: toUnits(budgets.this_month.spent),
    ...Object.fromEntries(await Promise.all(usage)),
  };
}

async function heldBySource({ user: { token } }: Furnished): Promise<readonly string[]> {
  const read = (path: string) => bench().request("get", path, { token });
  const { today, this_month } = (await read("/budgets")).json(Budgets);
  return [(await read("/wallet")).json(Wallet).held, today.held, this_month.held];
}

it("tells the same to the last digit wherever it is read, while a turn runs, after one that failed in part, and at the end", async () => {
  await bench().pass(secondsToNoon(new Date()));
  const room = await bench().furnish(["ada", "bob"]);
  await bench().holdQueue();
  expect(new Set(Object.values(await paidBySource(room)))).toEqual(new Set([0n]));
  const first = await room.send("A question ".repeat(50));
  const [held, ...others] = await heldBySource(room);
  expect(toUnits(held ?? "0")).toBeGreaterThan(0n);
  expect(new Set(others)).toEqual(new Set([held]));
  await bench().deliver(first, 0);
  const paidMidway = await expectAgreement(room);
  await bench().deliver(first, 1);
  expect((await room.finish(first)).status).toBe("completed");
  expect(await expectAgreement(room)).toBeGreaterThan(paidMidway);
  bench().cloud.standIns.openRouter.setFaults({ unauthorized: { system_contains: "You are bob." } });
  const second = await room.send("And now?");
  for (const index of [0, 1]) await bench().deliver(second, index);
  const turn: Turn = await room.finish(second);
  expect(turn.status).toBe("partial");
  await expectAgreement(room);
  expect(await heldBySource(room)).toEqual(["0", "0", "0"]);
});

async function expectAgreement(room: Furnished): Promise<bigint> {
  const paid = await paidBySource(room);
  const [one = 0n] = Object.values(paid);
  expect(one).toBeGreaterThan(0n);
  expect(paid).toEqual(Object.fromEntries(Object.keys(paid).map((source) => [source, one])));
  return one;
}
