import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";

let world: ApiWorld;
let ada: ApiUser;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
  await world.request("get", "/auth/me", { token: ada.token });
});
afterEach(() => world.setFaults("neon", {}));
afterAll(() => world.stop());

const create = (key: string) =>
  world.request("post", "/rooms", { token: ada.token, body: { name: key }, headers: { "idempotency-key": key } });
const named = async (name: string) => {
  const answer = await world.request("get", "/rooms?limit=100", { token: ada.token });
  return answer.json(listOf(Room)).data.filter((room) => room.name === name).length;
};

describe("a database that is away", () => {
  it.each([
    ["is down", { down: true }],
    ["cuts the connection", { fail_next: 1, strike: "reset" }],
    ["answers with an error page", { fail_next: 1, strike: "error" }],
    ["has lost its compute", { fail_next: 1, strike: "compute_gone" }],
  ])("is a 503 that says when to come back, to reads and writes: it %s", async (_, faults) => {
    for (const [method, body] of [["get"], ["post", { name: "x" }]] as const) {
      await world.setFaults("neon", faults);
      const answer = await world.request(method, "/rooms", { token: ada.token, ...(body ? { body } : {}) });
      expect(answer.problem()).toMatchObject({ status: 503, code: "dependency_unavailable" });
      expect(answer.headers.get("retry-after")).toBe("2");
      expect(answer.text).not.toMatch(/127\.0\.0\.1|postgres|password/i);
    }
    await world.setFaults("neon", {});
    expect((await world.request("get", "/rooms", { token: ada.token })).status).toBe(200);
  });

  it("has still made the room whose answer was lost, and the same key finds it", async () => {
    const key = randomUUID();
    await world.setFaults("neon", { drop_answer: 1 });
    expect((await create(key)).problem().status).toBe(503);
    const again = await create(key);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, "true"]);
    expect(await named(key)).toBe(1);
  });

  it("has made nothing when the request never arrived, and the same key makes it", async () => {
    const key = randomUUID();
    await world.setFaults("neon", { fail_next: 1, strike: "reset" });
    expect((await create(key)).problem().status).toBe(503);
    const again = await create(key);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
    expect(await named(key)).toBe(1);
  });

  it("cannot say whether a lost answer was a replay either, so that is a 503 too", async () => {
    const key = randomUUID();
    const first = await create(key);
    await world.setFaults("neon", { drop_answer: 1 });
    expect((await create(key)).problem().status).toBe(503);
    await world.setFaults("neon", {});
    expect((await create(key)).text).toBe(first.text);
  });
});
