import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { CreatedWebhookEndpoint, RotatedWebhookSecret, WebhookEndpoint } from "../../src/contract/webhooks.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { errorOf } from "../support/error-of.ts";
import { rowsAs } from "../support/tenant-rows.ts";

const url = "https://hooks.example.com/pantheon";
const secretForm = /^whsec_[A-Za-z0-9+/]{43}=$/;

let world: ApiWorld;
let ada: ApiUser;
beforeAll(async () => {
  world = await openApiWorld();
});
beforeEach(async () => {
  ada = await world.signUp();
});
afterEach(() => world.setFaults("dns", {}));
afterAll(() => world.stop());

function ask(method: string, path: string, body?: unknown, token: string = ada.token, headers = {}) {
  return world.request(method, path, { token, headers, ...(body === undefined ? {} : { body }) });
}

async function make(more: object = {}, token?: string): Promise<CreatedWebhookEndpoint> {
  return (await ask("post", "/webhook_endpoints", { url, ...more }, token)).json(CreatedWebhookEndpoint);
}

async function secretsOf(id: string) {
  const sql = "select secret, previous_secret, previous_secret_expires_at from webhook_endpoints where id = $1";
  return (await rowsAs(world.backend, "pantheon_system", { sql, params: [id] }))[0];
}

describe("a new endpoint", () => {
  it("shows its secret in that answer and never again, nor in any log line", async () => {
    const made = await ask("post", "/webhook_endpoints", { url, events: ["turn.completed"], description: "Prod" });
    const { secret, ...endpoint } = made.json(CreatedWebhookEndpoint);
    expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/webhook_endpoints/${endpoint.id}`]);
    expect(secret).toMatch(secretForm);
    expect(endpoint).toMatchObject({ url, events: ["turn.completed"], description: "Prod", status: "active" });
    const path = `/webhook_endpoints/${endpoint.id}`;
    const later = [
      await ask("get", path),
      await ask("get", "/webhook_endpoints"),
      await ask("patch", path, { description: "Prod" }),
      await ask("get", "/webhook_deliveries"),
    ];
    expect(later[0]?.json(WebhookEndpoint)).toEqual(endpoint);
    expect(later[1]?.json(listOf(WebhookEndpoint)).data).toContainEqual(endpoint);
    for (const { text } of [...later, await ask("get", "/openapi.json")]) {
      expect(text).not.toContain(secret);
      expect(text).not.toMatch(/whsec_[A-Za-z0-9+/]{8}/);
    }
    expect(JSON.stringify(world.logged)).not.toContain("whsec_");
  });

  it("tells of every event unless it names some, and has a secret of its own", async () => {
    const [one, other] = [await make(), await make()];
    expect(one).toMatchObject({ events: [], description: "", disabled_reason: null, failing_since: null });
    expect(one.secret).not.toBe(other.secret);
    expect((await secretsOf(one.id))?.[0]).toBe(one.secret);
  });

  it.each([
    ["/url", { url: "http://hooks.example.com/" }],
    ["/url", { url: "https://10.0.0.1/" }],
    ["/url", { url: "https://10.0.0.1.nip.io/" }],
    ["/url", { url: `https://example.com/${"x".repeat(3_000)}` }],
    ["/url", { url: "" }],
    ["/url", { url: 7 }],
    ["/events/0", { events: ["message.delta"] }],
    ["/events/0", { events: ["webhook.test"] }],
    ["/events", { events: ["turn.failed", "turn.failed"] }],
    ["/description", { description: "x".repeat(501) }],
    ["/secret", { secret: "whsec_AAAA" }],
    ["/status", { status: "disabled" }],
  ])("is refused at %s: %j", async (pointer, wrong) => {
    const problem = (await ask("post", "/webhook_endpoints", { url, ...wrong })).problem();
    expect([problem.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([422, "validation_failed", pointer]);
  });

  it("is refused while its name cannot be resolved, and nothing of it is kept", async () => {
    const { token } = await world.signUp();
    await world.setFaults("dns", { down: true });
    const body = { url };
    const problem = (await ask("post", "/webhook_endpoints", body, token, { "idempotency-key": "k" })).problem();
    expect(problem.errors).toEqual([
      { pointer: "/url", message: "must name a host: the DNS server did not answer for hooks.example.com" },
    ]);
    await world.setFaults("dns", {});
    expect((await ask("get", "/webhook_endpoints", undefined, token)).json(listOf(WebhookEndpoint)).data).toEqual([]);
    const again = await ask("post", "/webhook_endpoints", body, token, { "idempotency-key": "k" });
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
  });

  it("may be on this machine, because the local cloud says so", async () => {
    expect((await make({ url: "http://127.0.0.1:9999/hook" })).url).toBe("http://127.0.0.1:9999/hook");
  });

  it("is made once for one Idempotency-Key, and the second answer has no secret", async () => {
    const headers = { "idempotency-key": "once" };
    const first = await ask("post", "/webhook_endpoints", { url }, ada.token, headers);
    await world.setFaults("dns", { down: true });
    const again = await ask("post", "/webhook_endpoints", { url }, ada.token, headers);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(again.json(CreatedWebhookEndpoint)).toEqual({ ...first.json(CreatedWebhookEndpoint), secret: null });
    const sql = "select value from idempotency_keys where key = 'once'";
    expect((await rowsAs(world.backend, "pantheon_system", { sql }))[0]?.[0]).toContain('"secret":null');
  });
});

describe("an endpoint that is changed", () => {
  it("takes what is named and keeps the rest", async () => {
    const { secret, ...made } = await make({ events: ["turn.failed"], description: "a" });
    const path = `/webhook_endpoints/${made.id}`;
    const changed = (await ask("patch", path, { url: `${url}/2`, events: [] })).json(WebhookEndpoint);
    expect({ ...changed, updated_at: "" }).toEqual({ ...made, url: `${url}/2`, events: [], updated_at: "" });
    expect((await ask("get", path)).json(WebhookEndpoint)).toEqual(changed);
    expect((await secretsOf(made.id))?.[0]).toBe(secret);
  });

  it("is refused an address that it could not have been made with, and stays as it was", async () => {
    const { secret: _, ...made } = await make();
    const path = `/webhook_endpoints/${made.id}`;
    for (const wrong of ["https://10.0.0.9/", "https://192.168.0.1.nip.io/"])
      expect((await ask("patch", path, { url: wrong })).problem().errors?.[0]?.pointer).toBe("/url");
    expect((await ask("patch", path, {})).problem().status).toBe(422);
    expect((await ask("get", path)).json(WebhookEndpoint)).toEqual(made);
  });

  it("asks DNS only when its address changes", async () => {
    const { id } = await make();
    await world.setFaults("dns", { down: true });
    expect((await ask("patch", `/webhook_endpoints/${id}`, { description: "b" })).status).toBe(200);
    expect((await ask("patch", `/webhook_endpoints/${id}`, { url })).status).toBe(422);
  });

  it("is switched off by its user, and begins anew when switched on", async () => {
    const { id } = await make();
    const path = `/webhook_endpoints/${id}`;
    const off = (await ask("patch", path, { status: "disabled" })).json(WebhookEndpoint);
    expect(off).toMatchObject({ status: "disabled", disabled_reason: "user" });
    const sql = "update webhook_endpoints set disabled_reason = 'gone', failing_since = pantheon_now() where id = $1";
    await rowsAs(world.backend, "pantheon_system", { sql, params: [id] });
    expect((await ask("patch", path, { status: "disabled" })).json(WebhookEndpoint).disabled_reason).toBe("gone");
    expect((await ask("patch", path, { status: "active" })).json(WebhookEndpoint)).toMatchObject({
      status: "active",
      disabled_reason: null,
      failing_since: null,
    });
  });
});

describe("a rotated secret", () => {
  it("is shown once, and the one before signs for another day", async () => {
    const { id, secret } = await make();
    const path = `/webhook_endpoints/${id}`;
    const before = Date.now();
    const answer = await ask("post", `${path}/rotate_secret`);
    const rotated = answer.json(RotatedWebhookSecret);
    expect([answer.status, rotated.id]).toEqual([201, id]);
    expect(rotated.secret).toMatch(secretForm);
    expect(rotated.secret).not.toBe(secret);
    const [now, previous, expiresAt] = (await secretsOf(id)) ?? [];
    expect([now, previous]).toEqual([rotated.secret, secret]);
    expect(new Date(expiresAt ?? "").toISOString()).toBe(rotated.previous_secret_expires_at);
    const overlapMs = Date.parse(rotated.previous_secret_expires_at) - before;
    expect(overlapMs).toBeGreaterThanOrEqual(86_400_000);
    expect(overlapMs).toBeLessThan(86_460_000);
    const read = await ask("get", path);
    expect(read.json(WebhookEndpoint).previous_secret_expires_at).toBe(rotated.previous_secret_expires_at);
    expect(read.text).not.toContain("whsec_");
  });

  it("keeps one secret back, and overlaps for as long as it is told", async () => {
    const { id } = await make();
    const rotate = async (overlap_seconds: number) =>
      (await ask("post", `/webhook_endpoints/${id}/rotate_secret`, { overlap_seconds })).json(RotatedWebhookSecret);
    const [second, third] = [await rotate(60), await rotate(0)];
    expect((await secretsOf(id))?.slice(0, 2)).toEqual([third.secret, second.secret]);
    expect(Date.parse(third.previous_secret_expires_at)).toBeLessThanOrEqual(Date.now());
  });

  it.each([-1, 604_801, 1.5, "60", null])("overlaps for no %j seconds", async (overlap_seconds) => {
    const { id, secret } = await make();
    const problem = (await ask("post", `/webhook_endpoints/${id}/rotate_secret`, { overlap_seconds })).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, "/overlap_seconds"]);
    expect((await secretsOf(id))?.slice(0, 2)).toEqual([secret, null]);
  });

  it("is made once for one Idempotency-Key, and not shown again", async () => {
    const { id } = await make();
    const path = `/webhook_endpoints/${id}/rotate_secret`;
    const headers = { "idempotency-key": `rotate ${id}` };
    const first = (await ask("post", path, {}, ada.token, headers)).json(RotatedWebhookSecret);
    const again = await ask("post", path, {}, ada.token, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.json(RotatedWebhookSecret)).toEqual({ ...first, secret: null });
    expect((await secretsOf(id))?.[0]).toBe(first.secret);
  });
});

describe("a deleted endpoint", () => {
  it("is gone with its secrets, and what was to be sent to it is given up", async () => {
    const { id } = await make();
    await ask("post", `/webhook_endpoints/${id}/rotate_secret`);
    const delivery = randomUUID();
    const sql = `insert into webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at)
      values ($1, $2, $3, 'webhook.test', '{}', pantheon_now()) returning status`;
    expect(await rowsAs(world.backend, "pantheon_system", { sql, params: [delivery, ada.id, id] })).toEqual([
      ["pending"],
    ]);
    const path = `/webhook_endpoints/${id}`;
    expect((await ask("delete", path)).status).toBe(204);
    for (const [method, address, body] of [
      ["get", path],
      ["patch", path, { description: "x" }],
      ["delete", path],
      ["post", `${path}/rotate_secret`],
    ] as const)
      expect([method, (await ask(method, address, body)).problem().code]).toEqual([method, "not_found"]);
    expect(await secretsOf(id)).toEqual([null, null, null]);
    const told = (await ask("get", `/webhook_deliveries/${delivery}`)).text;
    expect(JSON.parse(told)).toMatchObject({ id: delivery, endpoint_id: id, status: "failed", next_attempt_at: null });
  });
});

describe("a secret in the database", () => {
  it.each([
    "select secret from webhook_endpoints",
    "select previous_secret from webhook_endpoints",
    "select * from webhook_endpoints",
    "select w from webhook_endpoints w",
    "update webhook_endpoints set description = secret",
    "update webhook_endpoints set secret = 'x' returning secret",
    "select id from webhook_endpoints where secret like 'whsec_A%'",
  ])("is not to be had by the role of users' requests: %s", async (sql) => {
    await make();
    const refusal = await errorOf(rowsAs(world.backend, "pantheon_app", { sql }, ada.id));
    expect(refusal).toMatchObject({ details: { code: "42501" } });
  });

  it("leaves that role all else of its user's endpoints", async () => {
    const { id } = await make();
    const sql = "select url, status from webhook_endpoints where id = $1";
    expect(await rowsAs(world.backend, "pantheon_app", { sql, params: [id] }, ada.id)).toEqual([[url, "active"]]);
    expect(await rowsAs(world.backend, "pantheon_app", { sql, params: [id] }, randomUUID())).toEqual([]);
  });
});

describe("a secret that could not be stored", () => {
  it("is in no log line and no answer, whatever the database says of the row", async () => {
    const sql = "alter table webhook_endpoints add constraint refuse_all check (url = '') not valid";
    await world.backend.run({ sql });
    const before = world.logged.length;
    const answer = await ask("post", "/webhook_endpoints", { url });
    await world.backend.run({ sql: "alter table webhook_endpoints drop constraint refuse_all" });
    expect(answer.problem()).toMatchObject({ status: 500, code: "internal" });
    const lines = JSON.stringify(world.logged.slice(before));
    expect(lines).toContain("refuse_all");
    expect(answer.text + lines).not.toContain("whsec_");
  });
});
