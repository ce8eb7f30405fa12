import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Wallet } from "../../src/contract/wallet.ts";
import { WebhookBody } from "../../src/contract/webhook-bodies.ts";
import { CreatedWebhookEndpoint } from "../../src/contract/webhooks.ts";
import { formatCredits, parseCredits } from "../../src/domain/money/credits.ts";
import { isLowBalance, lowBalanceUnits } from "../../src/domain/money/low-balance.ts";
import { claimRequest } from "../chaos/races/race-kit.ts";
import { stepOf } from "../engine/engine-bench.ts";
import { useBench } from "../engine/engine-kit.ts";
import type { Furnished } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { moveMoney } from "../support/seed-money.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const type = "wallet.low_balance";
const bench = useBench({ variables: { WEBHOOK_ALLOW_LOOPBACK: "true" } });
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

async function register({ user }: Furnished, path: string, changes: object = {}) {
  const body = { url: `${receiver.url}/${path}`, events: [type], ...changes };
  const made = await bench().request("post", "/webhook_endpoints", { token: user.token, body });
  return made.json(CreatedWebhookEndpoint);
}

async function moneyOf({ user }: Furnished): Promise<bigint> {
  const { balance, held } = (await bench().request("get", "/wallet", { token: user.token })).json(Wallet);
  return parseCredits(balance) + parseCredits(held);
}

async function setMoney(room: Furnished, units: bigint): Promise<void> {
  const gained = units - (await moneyOf(room));
  const movement = { key: randomUUID(), reason: "signup_grant", units: gained, at: "2026-11-21T12:00:00Z" };
  if (gained !== 0n) await moveMoney(bench().backend, room.user, movement);
}

const speak = async (room: Furnished) => room.finish(await room.send("Go"));

const heardAt = (path: string) =>
  receiver.received.filter((request) => request.path === `/${path}`).map(({ body }) => WebhookBody.parse(body));

const hears = (path: string, times: number) => eventually(() => expect(heardAt(path)).toHaveLength(times));

const toldTo = ({ user }: Furnished) =>
  bench().count("select count(*) from webhook_deliveries where owner_id = $1 and type = $2", [user.id, type]);

describe("the figure below which a balance is low", () => {
  it("is the same in the database", async () => {
    expect(await bench().count("select pantheon_low_balance_units()")).toBe(Number(lowBalanceUnits));
  });

  it.each([
    [0n, 1n],
    [1n, 1n],
    [1n, 2n],
    [2n, 1n],
    [0n, lowBalanceUnits],
    [lowBalanceUnits, 1n],
  ])("is crossed or not, %d units below it after a charge of %d, by the rule of both", async (below, charged) => {
    const room = await bench().furnish(["ada"]);
    await register(room, randomUUID());
    const turn = await room.finish(await room.send("Go"));
    const left = lowBalanceUnits - below;
    await setMoney(room, left);
    await bench().write("select pantheon_tell_low_balance(t, $2::bigint) from turns t where id = $1", [
      turn.id,
      String(charged),
    ]);
    expect((await toldTo(room)) === 1).toBe(isLowBalance(left) && !isLowBalance(left + charged));
  });
});

describe("a user whose money runs low", () => {
  it("is told once by each endpoint that wants it, with what is left, as soon as the step has ended", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    const [named, all, other, off] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await register(room, named);
    await register(room, all, { events: [] });
    await register(room, other, { events: ["turn.completed"] });
    const { id } = await register(room, off);
    const { token } = room.user;
    await bench().request("patch", `/webhook_endpoints/${id}`, { token, body: { status: "disabled" } });
    await setMoney(room, lowBalanceUnits);
    const turn = await speak(room);
    await hears(other, 1);
    await hears(named, 1);
    const [charge] = turn.cost.by_agent.filter(({ agent_key }) => agent_key === "ada");
    const left = lowBalanceUnits - parseCredits(charge?.credits ?? "");
    const data = { balance: formatCredits(left), threshold: formatCredits(lowBalanceUnits) };
    expect(heardAt(named)).toMatchObject([{ type, data }]);
    await eventually(() => expect(heardAt(all).filter((body) => body.type === type)).toHaveLength(1));
    expect(heardAt(other)).toMatchObject([{ type: "turn.completed" }]);
    await speak(room);
    await hears(other, 2);
    expect([await toldTo(room), heardAt(named).length, heardAt(off).length]).toEqual([2, 1, 0]);
  });

  it("is told again once there was more in between", async () => {
    const room = await bench().furnish(["ada"]);
    const path = randomUUID();
    await register(room, path);
    for (const times of [1, 2]) {
      await setMoney(room, lowBalanceUnits);
      await speak(room);
      await hears(path, times);
    }
    await setMoney(room, lowBalanceUnits - 1n);
    await speak(room);
    expect(await toldTo(room)).toBe(2);
  });

  it("hears nothing of what is held and given back, nor of an attempt that was lost", async () => {
    const room = await bench().furnish(["ada"]);
    await register(room, randomUUID());
    await setMoney(room, lowBalanceUnits);
    await bench().holdQueue();
    const cancelled = await room.send("Go");
    await bench().request("post", `/turns/${cancelled.id}/cancel`, { token: room.user.token });
    const turn = await room.send("Go");
    const { steps } = bench().composed.ports;
    const request = claimRequest(turn.id, stepOf(turn, 0).id);
    expect(await steps.claim(request)).toMatchObject({ kind: "won", token: 1 });
    await bench().pass(request.lease_seconds + 1);
    expect(await steps.claim({ ...request, lost_id: randomUUID() })).toMatchObject({ kind: "won", token: 2 });
    expect([await moneyOf(room), await toldTo(room)]).toEqual([lowBalanceUnits, 0]);
  });

  it("is told although the commit's answer was lost, by the commit that is sent again", async () => {
    const room = await bench().furnish(["ada"]);
    const path = randomUUID();
    await register(room, path);
    await setMoney(room, lowBalanceUnits);
    await bench().holdQueue();
    const turn = await room.send("Go");
    const { openRouter } = bench().cloud.standIns;
    openRouter.setFaults({ hang_before_headers: { fail_next: 1 } });
    const delivered = bench().deliver(turn, 0);
    await eventually(() => expect(openRouter.requests().length).toBeGreaterThan(0));
    await bench().setFaults("neon", { drop_answer: 1 });
    await bench().releaseQueue();
    openRouter.release();
    expect(await delivered).toMatchObject({ status: 200 });
    await hears(path, 1);
  });
});
