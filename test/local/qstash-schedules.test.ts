import { describe, expect, it } from "vitest";
import { startBench } from "./qstash-harness.ts";

describe("schedules", () => {
  it("fire by their cron line, not while paused, and no more once deleted", async () => {
    const { client, destination, qstash } = await startBench();
    const minute = 60_000;
    const { scheduleId } = await client.schedules.create({
      destination: `${destination.url}/tick`,
      cron: "* * * * *",
      body: "t",
    });
    expect(await client.schedules.get(scheduleId)).toMatchObject({
      scheduleId,
      cron: "* * * * *",
      isPaused: false,
      body: "t",
    });
    qstash.advance(minute);
    expect(await destination.arrived(1)).toMatchObject([
      { path: "/tick", body: "t", headers: { "upstash-schedule-id": scheduleId } },
    ]);
    await client.schedules.pause({ schedule: scheduleId });
    qstash.advance(minute);
    expect((await client.schedules.list()).map(({ isPaused }) => isPaused)).toEqual([true]);
    await client.schedules.resume({ schedule: scheduleId });
    qstash.advance(minute);
    await destination.arrived(2);
    await client.schedules.delete(scheduleId);
    qstash.advance(minute);
    await qstash.core.settled();
    expect(destination.arrivals).toHaveLength(2);
    await expect(client.schedules.get(scheduleId)).rejects.toMatchObject({ status: 404 });
  });

  it("are replaced under their own id and refuse a wrong cron line", async () => {
    const { client, destination } = await startBench();
    const named = { destination: destination.url, scheduleId: "mine" };
    await client.schedules.create({ ...named, cron: "0 * * * *" });
    await client.schedules.create({ ...named, cron: "5 * * * *" });
    expect((await client.schedules.list()).map(({ cron }) => cron)).toEqual(["5 * * * *"]);
    await expect(client.schedules.create({ ...named, cron: "61 * * * *" })).rejects.toMatchObject({ status: 400 });
  });
});

describe("keys", () => {
  it("are shown, and rotation moves the next one up", async () => {
    const { call } = await startBench({ currentSigningKey: "sig_one", nextSigningKey: "sig_two" });
    expect(await (await call("GET", "/v2/keys")).json()).toEqual({ current: "sig_one", next: "sig_two" });
    const rotated = await (await call("POST", "/v2/keys/rotate")).json();
    expect(rotated).toEqual({ current: "sig_two", next: expect.stringMatching(/^sig_/) });
    expect(await (await call("GET", "/v2/keys")).json()).toEqual(rotated);
  });
});
