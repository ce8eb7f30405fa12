import { describe, expect, it } from "vitest";
import { startBench } from "./qstash-harness.ts";

describe("signing keys", () => {
  it("are shown, and rotation moves the next one up", async () => {
    const { call } = await startBench({ currentSigningKey: "sig_one", nextSigningKey: "sig_two" });
    expect(await (await call("GET", "/v2/keys")).json()).toEqual({ current: "sig_one", next: "sig_two" });
    const rotated = await (await call("POST", "/v2/keys/rotate")).json();
    expect(rotated).toEqual({ current: "sig_two", next: expect.stringMatching(/^sig_/) });
    expect(await (await call("GET", "/v2/keys")).json()).toEqual(rotated);
  });
});
