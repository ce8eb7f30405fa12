import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { formatApiKey } from "../../src/domain/text/api-key.ts";
import { routes } from "../../src/http/routes.ts";
import { createFakeThrottle } from "../fakes/throttle.ts";
import { type Answer, type ApiWorld, openApiWorld } from "../support/api.ts";
import { fillPath, paramNames, sampleBody } from "../support/route-samples.ts";

describe("requests counted in Redis", () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await openApiWorld({ isThrottled: true, variables: { REQUEST_RATE_PER_MINUTE: "5" } });
  });
  afterAll(() => world.stop());

  it("are told with every answer, and refused above the limit with the time to wait", async () => {
    const { token } = await world.signUp();
    const answers: Answer[] = [];
    // On a busy machine Redis may answer too late to count for the client; a read then goes through.
    while (answers.at(-1)?.status !== 429 && answers.length < 100)
      answers.push(await world.request("get", "/rooms", { token }));
    const counted = answers.filter(({ headers }) => headers.has("ratelimit"));
    expect(new Set(counted.map(({ headers }) => headers.get("ratelimit-policy")))).toEqual(
      new Set(['"requests";q=5;w=60']),
    );
    const remaining = counted.map(
      ({ headers }) => /^"requests";r=([0-4]);t=\d+$/.exec(headers.get("ratelimit") ?? "")?.[1],
    );
    expect(remaining).toEqual([...remaining].sort().reverse());
    const refused = answers.at(-1);
    expect(refused?.problem().code).toBe("rate_limited");
    expect(refused?.headers.get("ratelimit")).toMatch(/^"requests";r=0;t=\d+$/);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("requests counted by a throttle of three", () => {
  let world: ApiWorld;
  const throttle = createFakeThrottle({ clock: { now: () => new Date("2026-11-01T12:00:15Z") }, requestsPerMinute: 3 });
  beforeAll(async () => {
    world = await openApiWorld({ ports: { throttle } });
  });
  afterAll(() => world.stop());

  const statuses = async (token: string | null, headers: Readonly<Record<string, string>> = {}) => {
    const answers = [];
    for (let index = 0; index < 4; index += 1) answers.push(await world.request("get", "/rooms", { token, headers }));
    return answers.map(({ status }) => status);
  };

  it("are counted by user, whatever address they come from", async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    expect(await statuses(ada.token, { "cf-connecting-ip": "192.0.2.1" })).toEqual([200, 200, 200, 429]);
    expect(await statuses(bob.token, { "cf-connecting-ip": "192.0.2.1" })).toEqual([200, 200, 200, 429]);
    const refused = await world.request("get", "/rooms", { token: ada.token });
    expect([refused.headers.get("retry-after"), refused.headers.get("ratelimit")]).toEqual([
      "45",
      '"requests";r=0;t=45',
    ]);
  });

  it("are counted by address for those without a valid token, who then see a 429", async () => {
    expect(await statuses("junk", { "cf-connecting-ip": "192.0.2.7" })).toEqual([401, 401, 401, 429]);
    expect(await statuses(null, { "cf-connecting-ip": "192.0.2.8" })).toEqual([401, 401, 401, 429]);
  });

  it("reach no database once refused", async () => {
    const { token } = await world.signUp();
    await statuses(token);
    world.sqlTrips();
    expect((await world.request("post", "/rooms", { token, body: { name: "x" } })).status).toBe(429);
    expect(world.sqlTrips()).toBe(0);
  });

  it("are counted by address for invented keys, and by key once one is proven", async () => {
    const headers = { "cf-connecting-ip": "192.0.2.77" };
    const invented = [1, 2, 3, 4].map((each) => formatApiKey({ short: `${each}`.repeat(16), long: "0".repeat(48) }));
    const answers = [];
    for (const token of invented) answers.push((await world.request("get", "/rooms", { token, headers })).status);
    expect(answers).toEqual([401, 401, 401, 429]);
    const { token: user } = await world.signUp();
    const body = { name: "Key", scopes: ["rooms:read"] };
    const { secret } = (await world.request("post", "/api_keys", { token: user, body })).json(CreatedApiKey);
    const elsewhere = { "cf-connecting-ip": "192.0.2.78" };
    await world.request("get", "/rooms", { token: secret, headers: elsewhere });
    expect(await statuses(secret, headers)).toEqual([200, 200, 200, 429]);
  });

  it("are never counted at the public addresses", async () => {
    for (let index = 0; index < 5; index += 1) expect((await world.request("get", "/health")).status).toBe(200);
  });
});

describe("requests that cannot be counted", () => {
  let world: ApiWorld;
  let token: string;
  beforeAll(async () => {
    world = await openApiWorld({ isThrottled: true });
    token = (await world.signUp()).token;
    await world.setFaults("redis", { down: true });
  });
  afterAll(() => world.stop());

  const guarded = routes.filter(({ access }) => access.kind !== "public");
  const isRead = (route: (typeof routes)[number]) => route.method === "get" || route.isRead === true;
  const ask = (route: (typeof routes)[number]) => {
    const id = "0190a000-0000-7000-8000-000000000001";
    const path = fillPath(route, Object.fromEntries(paramNames(route).map((name) => [name, id])));
    const body = sampleBody(route);
    return world.request(route.method, path, { token, ...(body === undefined ? {} : { body }) });
  };

  it.each(guarded.filter(isRead))("still read: $operationId", async (route) => {
    expect([200, 404]).toContain((await ask(route)).status);
  });

  it.each(guarded.filter((route) => !isRead(route) && route.isGuardedByRows !== true))(
    "change nothing: $operationId",
    async (route) => {
      world.sqlTrips();
      const answer = await ask(route);
      expect(answer.problem()).toMatchObject({ status: 503, code: "dependency_unavailable" });
      expect([answer.headers.get("retry-after"), world.sqlTrips()]).toEqual(["5", 0]);
    },
  );

  it("are written to the log", () => {
    expect(world.logged.some(({ level, event }) => level === "warn" && event === "throttle_unavailable")).toBe(true);
  });
});
