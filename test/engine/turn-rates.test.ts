import { beforeEach, expect, it } from "vitest";
import type { Furnished } from "../support/engine.ts";
import { useBench } from "./engine-kit.ts";

const bench = useBench({ variables: { TURN_RATE_PER_MINUTE: "10", TURN_RATE_PER_HOUR: "60" } });

beforeEach(() => bench().holdQueue());

function begin({ user, session }: Furnished, body: object = { message: "Go", on_busy: "interrupt" }) {
  return bench().request("post", `/sessions/${session.id}/turns`, { token: user.token, body });
}

it("lets ten turns begin in a minute, and says how many are left", async () => {
  const room = await bench().furnish(["ada"]);
  for (let left = 9; left >= 0; left -= 1) {
    const answer = await begin(room);
    expect(answer.status).toBe(202);
    expect(answer.headers.get("ratelimit")).toMatch(
      new RegExp(`^"turns";r=${left};t=\\d+, "turns-hour";r=${50 + left};t=\\d+$`),
    );
  }
  const refused = await begin(room);
  expect(refused.problem()).toMatchObject({ status: 429, code: "rate_limited" });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  expect(refused.headers.get("ratelimit")).toMatch(/^"turns";r=0;t=\d+, "turns-hour";r=50;t=\d+$/);
  expect(refused.headers.get("ratelimit-policy")).toBe('"turns";q=10;w=60, "turns-hour";q=60;w=3600');
});

it("admits exactly ten of thirty at once", async () => {
  const room = await bench().furnish(["ada"]);
  const answers = await Promise.all(Array.from({ length: 30 }, () => begin(room)));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
});

it("counts neither a turn that finds the session busy nor one that is not valid", async () => {
  const room = await bench().furnish(["ada"]);
  await begin(room);
  for (let time = 0; time < 12; time += 1) {
    expect((await begin(room, { message: "Go" })).status).toBe(409);
    expect((await begin(room, { message: "" })).status).toBe(422);
    expect((await begin(room, { message: "Go", mode: "manual" })).status).toBe(422);
  }
  expect((await begin(room)).headers.get("ratelimit")).toMatch(/^"turns";r=8;/);
});

it("opens again after the minute, until the hour is full", async () => {
  const room = await bench().furnish(["ada"]);
  for (let minute = 0; minute < 6; minute += 1) {
    for (let turn = 0; turn < 10; turn += 1) expect((await begin(room)).status).toBe(202);
    expect((await begin(room)).status).toBe(429);
    await bench().pass(60);
  }
  const full = await begin(room);
  expect(full.headers.get("ratelimit")).toMatch(/^"turns";r=10;t=\d+, "turns-hour";r=0;t=\d+$/);
  expect(full.status).toBe(429);
  expect(Number(full.headers.get("retry-after"))).toBeGreaterThan(2000);
  await bench().pass(3600);
  expect((await begin(room)).status).toBe(202);
});

it("keeps each user's count apart", async () => {
  const one = await bench().furnish(["ada"]);
  for (let turn = 0; turn < 10; turn += 1) await begin(one);
  const other = await bench().furnish(["ada"]);
  expect((await begin(other)).headers.get("ratelimit")).toMatch(/^"turns";r=9;/);
});
