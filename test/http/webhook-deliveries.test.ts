import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UserId, WebhookEndpointId } from "../../src/contract/ids.ts";
import { listOf } from "../../src/contract/lists.ts";
import { CreatedWebhookEndpoint, WebhookDelivery, WebhookDeliveryLog } from "../../src/contract/webhooks.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { rowsAs } from "../support/tenant-rows.ts";

let world: ApiWorld;
let ada: ApiUser;
let endpoint: string;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
  endpoint = await makeEndpoint(ada);
});
afterAll(() => world.stop());

async function makeEndpoint({ token }: ApiUser): Promise<string> {
  const body = { url: "https://hooks.example.com/x" };
  return (await world.request("post", "/webhook_endpoints", { token, body })).json(CreatedWebhookEndpoint).id;
}

interface Planted {
  readonly user?: ApiUser;
  readonly endpointId?: string;
  readonly status?: string;
  /** Statuses that were answered; null for a request that failed. */
  readonly answers?: readonly (number | null)[];
}

/** A delivery as the engine leaves it. */
async function plant({ user = ada, endpointId = endpoint, status = "failed", answers = [] }: Planted = {}) {
  const id = world.composed.ports.ids.uuid();
  const [next, finished] = status === "pending" ? ["pantheon_now()", "null"] : ["null", "pantheon_now()"];
  const sql = `insert into webhook_deliveries (id, owner_id, endpoint_id, type, data, status, attempts, next_at, finished_at)
    values ($1, $2, $3, 'webhook.test', '{}', $4, $5, ${next}, ${finished})`;
  const params = [id, user.id, endpointId, status, String(answers.length)];
  await rowsAs(world.backend, "pantheon_system", { sql, params });
  for (const [index, answer] of answers.entries()) await plantAttempt({ id, user, number: index + 1, answer });
  return id;
}

interface PlantedAttempt {
  readonly id: string;
  readonly user: ApiUser;
  readonly number: number;
  readonly answer: number | null;
}

async function plantAttempt({ id, user, number, answer }: PlantedAttempt): Promise<void> {
  const outcome = answer === null ? "'failed', null, null, null, 'in time'" : `'answered', ${answer}, 12, 'said', null`;
  const sql = `insert into webhook_attempts (delivery_id, number, owner_id, outcome, response_status, latency_ms, excerpt, reason)
    values ($1, $2, $3, ${outcome})`;
  await rowsAs(world.backend, "pantheon_system", { sql, params: [id, String(number), user.id] });
}

async function list(query: string, { token }: ApiUser = ada) {
  return (await world.request("get", `/webhook_deliveries${query}`, { token })).json(listOf(WebhookDelivery));
}

describe("the delivery log", () => {
  it("shows a delivery with every attempt, oldest first, and the last one by itself", async () => {
    const id = await plant({ status: "succeeded", answers: [500, null, 204] });
    const read = await world.request("get", `/webhook_deliveries/${id}`, { token: ada.token });
    const { attempts, ...delivery } = read.json(WebhookDeliveryLog);
    expect(attempts.map(({ number, response_status, reason }) => [number, response_status, reason])).toEqual([
      [1, 500, null],
      [2, null, "in time"],
      [3, 204, null],
    ]);
    expect(delivery.last_attempt).toEqual(attempts[2]);
    expect(attempts[0]).toMatchObject({ outcome: "answered", latency_ms: 12, response_excerpt: "said" });
    expect(delivery).toMatchObject({ status: "succeeded", attempt_count: 3, next_attempt_at: null, turn_id: null });
    expect((await list("?limit=1")).data).toEqual([delivery]);
  });

  it("has nothing of an attempt before the first one", async () => {
    const id = await plant({ status: "pending" });
    const { data } = await list("?limit=1");
    expect(data[0]).toMatchObject({ id, attempt_count: 0, last_attempt: null, finished_at: null });
    expect(data[0]?.next_attempt_at).not.toBeNull();
  });

  it("is filtered by endpoint and by status, and paged newest first", async () => {
    const user = await world.signUp();
    const [one, other] = [await makeEndpoint(user), await makeEndpoint(user)];
    const made: string[] = [];
    for (let index = 0; index < 6; index += 1)
      made.unshift(
        await plant({ user, endpointId: index % 2 ? one : other, status: index < 4 ? "failed" : "succeeded" }),
      );
    const ids = async (query: string) => (await list(query, user)).data.map(({ id }) => id);
    const pick = (...places: readonly number[]) => places.map((place) => made[place]);
    expect(await ids("")).toEqual(made);
    expect(await ids(`?endpoint_id=${one}`)).toEqual(pick(0, 2, 4));
    expect(await ids("?status=failed")).toEqual(pick(2, 3, 4, 5));
    expect(await ids(`?endpoint_id=${one}&status=failed`)).toEqual(pick(2, 4));
    expect(await ids(`?endpoint_id=${randomUUID()}`)).toEqual([]);
    const first = await list(`?status=failed&limit=3`, user);
    expect(first.data.map(({ id }) => id)).toEqual(pick(2, 3, 4));
    expect(await ids(`?status=failed&limit=3&cursor=${first.next_cursor}`)).toEqual(pick(5));
  });

  it("is one's own: somebody else's endpoint is as one that is not there", async () => {
    const bob = await world.signUp();
    const id = await plant({ answers: [200], status: "succeeded" });
    expect((await list(`?endpoint_id=${endpoint}`, bob)).data).toEqual([]);
    const read = await world.request("get", `/webhook_deliveries/${id}`, { token: bob.token });
    expect(read.problem().code).toBe("not_found");
  });

  it.each(["status=done", "status=", "endpoint_id=x", "endpoint_id=", "since=1"])("refuses ?%s", async (query) => {
    const answer = await world.request("get", `/webhook_deliveries?${query}`, { token: ada.token });
    expect(answer.problem()).toMatchObject({ status: 422, code: "validation_failed" });
  });

  it("keeps the latest hundred attempts of one that was asked for again and again", async () => {
    const id = await plant({ answers: Array(103).fill(500) });
    const read = await world.request("get", `/webhook_deliveries/${id}`, { token: ada.token });
    const { attempts, attempt_count } = read.json(WebhookDeliveryLog);
    expect([attempts.length, attempts[0]?.number, attempts.at(-1)?.number, attempt_count]).toEqual([100, 4, 103, 103]);
  });
});

it("sends again so many at a time, the oldest first, and says where to go on", async () => {
  const user = await world.signUp();
  const id = WebhookEndpointId.parse(await makeEndpoint(user));
  for (let count = 0; count < 3; count += 1) await plant({ user, endpointId: id });
  const planted = (await list("", user)).data;
  const caller = { kind: "user", userId: UserId.parse(user.id), email: null, isEmailConfirmed: true } as const;
  const again = (since: string) => world.composed.ports.deliveries.redeliver(caller, { endpoint: id, since }, 2);
  const first = await again("2026-01-01T00:00:00.000Z");
  expect(first).toMatchObject({ renewed: 2, next_since: planted[0]?.created_at });
  expect(await again(first.next_since ?? "")).toMatchObject({ renewed: 1, next_since: null });
});
