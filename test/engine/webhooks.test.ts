import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf } from "../../src/contract/lists.ts";
import { Redelivered } from "../../src/contract/redelivery.ts";
import { Turn } from "../../src/contract/turns.ts";
import { CreatedWebhookEndpoint, WebhookDelivery, WebhookEndpoint } from "../../src/contract/webhooks.ts";
import type { Furnished } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { type Receiver, startReceiver } from "../webhook/receiver.ts";
import { useBench } from "./engine-kit.ts";

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

async function register({ user }: Furnished, changes: object = {}) {
  const body = { url: `${receiver.url}/hooks`, ...changes };
  const made = (await bench().request("post", "/webhook_endpoints", { token: user.token, body })).json(
    CreatedWebhookEndpoint,
  );
  receiver.trust(made.secret ?? "");
  return made;
}

const deliveriesOf = async ({ user }: Furnished) =>
  (await bench().request("get", "/webhook_deliveries?limit=100", { token: user.token })).json(listOf(WebhookDelivery))
    .data;

const heardOf = ({ id }: Turn) => receiver.received.filter(({ body }) => body.data.turn_id === id);

async function settled(room: Furnished): Promise<readonly WebhookDelivery[]> {
  await eventually(async () =>
    expect((await deliveriesOf(room)).filter(({ status }) => status === "pending")).toEqual([]),
  );
  return deliveriesOf(room);
}

describe("a webhook", () => {
  it("tells every event of a turn's log once, as the log has it, signed", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await register(room);
    const turn = await room.finish(await room.send("Go"));
    await settled(room);
    const path = `/turns/${turn.id}/events`;
    const log = (await bench().request("get", path, { token: room.user.token })).json(
      z.object({ data: z.array(z.looseObject({ seq: z.number() })) }),
    );
    const heard = heardOf(turn).toSorted((left, right) => Number(left.body.data.seq) - Number(right.body.data.seq));
    expect(heard.map(({ body }) => body.data)).toEqual(log.data);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
    expect(heard.every(({ body }) => body.type === body.data.type && body.timestamp === body.data.created_at)).toBe(
      true,
    );
  });

  it("tells only what it is asked to", async () => {
    const room = await bench().furnish(["ada"]);
    await register(room, { events: ["turn.completed"] });
    const turn = await room.finish(await room.send("Go"));
    await settled(room);
    expect(heardOf(turn).map(({ body }) => body.type)).toEqual(["turn.completed"]);
  });

  it("case 38: comes again by the schedule, with the same id and a time of its own, and never changes the turn", async () => {
    const room = await bench().furnish(["ada"]);
    await register(room, { events: ["turn.completed"] });
    receiver.answerNext(
      { status: 500 },
      { status: 302, headers: { location: "https://example.com/" } },
      { status: 200 },
    );
    const turn = await room.finish(await room.send("Go"));
    for (const [attempts, wait] of [
      [1, 5],
      [2, 300],
    ] as const) {
      await eventually(async () =>
        expect((await deliveriesOf(room))[0]).toMatchObject({
          status: "pending",
          last_attempt: { number: attempts },
        }),
      );
      // The message may not have been published yet when time moves on: then the sweep sends it.
      await bench().pass(wait + 31);
      await bench().sweep();
    }
    const [delivery] = await settled(room);
    expect(delivery).toMatchObject({
      status: "succeeded",
      attempt_count: 3,
      last_attempt: { response_status: 200, response_excerpt: "heard" },
    });
    const heard = heardOf(turn);
    expect([heard.length, new Set(heard.map(({ id }) => id)).size]).toEqual([3, 1]);
    expect((await bench().request("get", `/turns/${turn.id}`, { token: room.user.token })).json(Turn)).toEqual(turn);
  });

  it("case 39: goes no more to an endpoint that is gone", async () => {
    const room = await bench().furnish(["ada"]);
    const endpoint = await register(room, { events: ["turn.completed"] });
    receiver.answerNext({ status: 410 });
    const turn = await room.finish(await room.send("Go"));
    expect(await settled(room)).toMatchObject([{ status: "failed", attempt_count: 1 }]);
    const path = `/webhook_endpoints/${endpoint.id}`;
    const read = async () => (await bench().request("get", path, { token: room.user.token })).json(WebhookEndpoint);
    expect(await read()).toMatchObject({ status: "disabled", disabled_reason: "gone" });
    const { token } = room.user;
    const tried = await bench().request("post", `${path}/test`, { token });
    const again = await bench().request("post", `${path}/redeliver`, { token, body: { since: turn.created_at } });
    for (const answer of [tried, again]) expect(answer.problem()).toMatchObject({ status: 409, code: "conflict" });
    const second = await room.finish(await room.send("Go on"));
    expect([heardOf(second).length, (await deliveriesOf(room)).length]).toEqual([0, 1]);
  });

  it("case 40: comes a second time with the same id when nobody heard that it was taken", async () => {
    const room = await bench().furnish(["ada"]);
    await register(room, { events: ["turn.completed"] });
    await bench().holdQueue();
    const turn = await room.send("Go");
    await bench().deliver(turn, 0);
    const [delivery] = await deliveriesOf(room);
    const { ports } = bench().composed;
    const claim = await ports.deliveries.claim({ delivery: delivery?.id ?? "", lease_seconds: 60 });
    expect(claim.kind).toBe("won");
    expect(await ports.deliveries.claim({ delivery: delivery?.id ?? "", lease_seconds: 60 })).toMatchObject({
      kind: "leased",
    });
    await bench().releaseQueue();
    await bench().pass(100);
    await bench().sweep();
    expect(await settled(room)).toMatchObject([{ id: delivery?.id, status: "succeeded", attempt_count: 2 }]);
    expect(heardOf(turn).map(({ id }) => id)).toEqual([delivery?.id]);
  });

  it("is heard of at a turn's own address, when it rests; what that answers is not the endpoint's answer", async () => {
    const room = await bench().furnish(["ada"]);
    const { id, url } = await register(room, { url: `${receiver.url}?of=turns`, events: ["step.failed"] });
    expect(url).toBe(`${receiver.url}/?of=turns`);
    receiver.answerNext({ status: 410 });
    const turn = await room.finish(await room.send("Go", { callback_url: `${receiver.url}/turns/17` }));
    expect(await settled(room)).toMatchObject([{ status: "failed", attempt_count: 1 }]);
    expect(heardOf(turn).map(({ path, body }) => [path, body.type])).toEqual([["/turns/17", "turn.completed"]]);
    const endpoint = await bench().request("get", `/webhook_endpoints/${id}`, { token: room.user.token });
    expect(endpoint.json(WebhookEndpoint)).toMatchObject({ status: "active", failing_since: null });
  });

  it("goes to no address whose origin no endpoint has", async () => {
    const room = await bench().furnish(["ada"]);
    const begin = (callback_url: string) =>
      bench().request("post", `/sessions/${room.session.id}/turns`, {
        token: room.user.token,
        body: { message: "Go", callback_url },
      });
    expect((await begin(`${receiver.url}/turns/1`)).status).toBe(422);
    await register(room);
    for (const url of [
      "https://example.com/x",
      `${receiver.url.replace("http://", "http://a:b@")}/x`,
      "ftp://x/",
      "nothing",
    ])
      expect((await begin(url)).status).toBe(422);
    expect(await bench().count("select count(*) from turns where session_id = $1", [room.session.id])).toBe(0);
  });

  it("can be tried, and sent again: one, or all since a moment", async () => {
    const room = await bench().furnish(["ada"]);
    const { token } = room.user;
    const endpoint = await register(room, { events: ["turn.completed"] });
    const since = new Date(Date.now() - 60_000).toISOString();
    expect((await bench().request("post", `/webhook_endpoints/${endpoint.id}/test`, { token })).status).toBe(202);
    const [ping] = await settled(room);
    expect(ping).toMatchObject({ type: "webhook.test", status: "succeeded", turn_id: null });
    const turn = await room.finish(await room.send("Go"));
    const [delivery] = await settled(room);
    const again = await bench().request("post", `/webhook_deliveries/${delivery?.id}/redeliver`, { token });
    expect(again.json(Redelivered)).toEqual({ redelivered: 1, next_since: null });
    await settled(room);
    const all = await bench().request("post", `/webhook_endpoints/${endpoint.id}/redeliver`, {
      token,
      body: { since },
    });
    expect(all.json(Redelivered)).toEqual({ redelivered: 2, next_since: null });
    await settled(room);
    expect(heardOf(turn).map(({ id }) => id)).toEqual([delivery?.id, delivery?.id, delivery?.id]);
    const stranger = await bench().furnish(["ada"]);
    const theirs = { token: stranger.user.token };
    for (const path of [`/webhook_endpoints/${endpoint.id}/test`, `/webhook_deliveries/${delivery?.id}/redeliver`])
      expect((await bench().request("post", path, theirs)).status).toBe(404);
  });

  it("goes no more to an endpoint that has failed for days, until its user says so", async () => {
    const room = await bench().furnish(["ada"]);
    const { token } = room.user;
    const path = `/webhook_endpoints/${(await register(room, { events: ["turn.completed"] })).id}`;
    const endpoint = async () => (await bench().request("get", path, { token })).json(WebhookEndpoint);
    receiver.answerNext({ status: 503 }, { status: 503 }, { status: 200 });
    await bench().request("post", `${path}/test`, { token });
    await eventually(async () => expect((await endpoint()).failing_since).not.toBeNull());
    expect((await endpoint()).status).toBe("active");
    await bench().pass(5 * 86_400 + 31);
    await bench().sweep();
    await eventually(async () =>
      expect(await endpoint()).toMatchObject({ status: "disabled", disabled_reason: "failing" }),
    );
    const back = await bench().request("patch", path, { token, body: { status: "active" } });
    expect(back.json(WebhookEndpoint)).toMatchObject({ status: "active", failing_since: null, disabled_reason: null });
    await bench().request("post", `${path}/test`, { token });
    await eventually(async () => expect((await deliveriesOf(room))[0]?.status).toBe("succeeded"));
    expect((await endpoint()).failing_since).toBeNull();
  });
});
