import { Receiver } from "@upstash/qstash";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../support/eventually.ts";
import { holdDeadlines } from "../support/held-deadlines.ts";
import { currentSigningKey, nextSigningKey, startBench, token } from "./qstash-harness.ts";

const receiver = new Receiver({ currentSigningKey, nextSigningKey, devMode: false });

describe("publishing to the QStash stand-in", () => {
  it("brings body, method, content type and forwarded headers, and nothing of the publisher's own", async () => {
    const { client, destination } = await startBench();
    const sent = { url: `${destination.url}/a`, method: "PUT", body: '{"é":"\\ud83d\\ude00"}\n' } as const;
    const { messageId } = await client.publish({ ...sent, headers: { "x-one": "1", "content-type": "text/x" } });
    const [arrival] = await destination.arrived(1);
    expect(arrival).toMatchObject({ method: "PUT", path: "/a", body: sent.body });
    expect(arrival?.headers).toMatchObject({
      "x-one": "1",
      "content-type": "text/x",
      "user-agent": "Upstash-QStash",
      "upstash-message-id": messageId,
      "upstash-retried": "0",
    });
    expect(arrival?.headers).not.toHaveProperty("authorization");
    expect(Object.keys(arrival?.headers ?? {}).filter((name) => name.startsWith("upstash-forward"))).toEqual([]);
  });

  it("keeps the destination's double slashes, encoding and query", async () => {
    const { qstash, destination } = await startBench();
    const target = `${destination.url}//x%2Fy//?a=1&b=%20`;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${qstash.url}/v2/publish/${target}`, { method: "POST", headers });
    expect(answer.status).toBe(200);
    expect(await destination.arrived(1)).toMatchObject([{ path: "//x%2Fy//?a=1&b=%20" }]);
  });

  it("signs each attempt afresh so that the official Receiver accepts it at its own address only", async () => {
    const { client, destination, drain } = await startBench();
    destination.answer(({ headers }) => ({ status: headers["upstash-retried"] === "0" ? 500 : 200 }));
    const url = `${destination.url}/steps?x=1`;
    await client.publish({ url, body: "b", retryDelay: "1000" });
    await drain();
    const signatures = destination.arrivals.map(({ headers }) => String(headers["upstash-signature"]));
    expect(new Set(signatures).size).toBe(2);
    for (const signature of signatures) {
      expect(await receiver.verify({ signature, body: "b", url })).toBe(true);
      await expect(receiver.verify({ signature, body: "b", url: `${url}2` })).rejects.toThrow("invalid subject");
      await expect(receiver.verify({ signature, body: "c", url })).rejects.toThrow("body hash");
    }
  });

  it("claims in the token what QStash claims", async () => {
    const { client, destination } = await startBench({ now: () => 1_700_000_000_500 });
    await client.publish({ url: `${destination.url}/a`, body: "" });
    const [arrival] = await destination.arrived(1);
    const signature = String(arrival?.headers["upstash-signature"]);
    expect(decodeProtectedHeader(signature)).toEqual({ alg: "HS256", typ: "JWT" });
    expect(decodeJwt(signature)).toEqual({
      iss: "Upstash",
      sub: `${destination.url}/a`,
      iat: 1_700_000_000,
      nbf: 0,
      exp: 1_700_000_300,
      jti: expect.stringMatching(/^jwt_/),
      body: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
    });
  });

  it("takes a batch over URLs in one request", async () => {
    const { client, destination, qstash } = await startBench();
    const results = await client.batch([
      { url: `${destination.url}/a`, body: "1" },
      { url: `${destination.url}/b`, body: "2" },
    ]);
    expect(results).toHaveLength(2);
    const arrivals = await destination.arrived(2);
    expect(arrivals.map(({ path, body }) => path + body).sort()).toEqual(["/a1", "/b2"]);
    expect(qstash.stats().publish_requests).toBe(1);
  });

  it("accepts nothing of a batch with one bad message", async () => {
    const { client, destination, qstash } = await startBench();
    const bad = client.batch([{ url: `${destination.url}/a` }, { url: "https://example.com/" }]);
    await expect(bad).rejects.toMatchObject({ status: 400 });
    expect(qstash.stats()).toMatchObject({ published: 0, publish_requests: 0 });
  });

  it("answers 401 to a wrong token on every route, its switches too", async () => {
    const { qstash, destination } = await startBench();
    for (const [method, path] of [
      ["POST", `/v2/publish/${destination.url}`],
      ["GET", "/v2/keys"],
      ["GET", "/_faults"],
      ["GET", "/nowhere"],
    ] as const) {
      const answer = await fetch(`${qstash.url}${path}`, { method, headers: { authorization: "Bearer wrong" } });
      expect([answer.status, await answer.json()]).toEqual([401, { error: "unauthorized" }]);
    }
  });

  it.each([
    ["https://127.0.0.1/x", {}],
    ["http://example.com/x", {}],
    ["http://127.0.0.1.nip.io/x", {}],
    ["no-url", {}],
    ["http://127.0.0.1:1/", { retryDelay: "process.exit()" }],
    ["http://127.0.0.1:1/", { headers: { "Upstash-Delay": "soon" } }],
    ["http://127.0.0.1:1/", { headers: { "Upstash-Retries": "-1" } }],
    ["http://127.0.0.1:1/", { headers: { "Upstash-Flow-Control-Key": "k" } }],
    ["http://127.0.0.1:1/", { callback: "http://127.0.0.1:1/" }],
    ["http://127.0.0.1:1/", { notBefore: 1 }],
  ])("refuses to publish to %s with %j", async (url, settings) => {
    const { client, qstash } = await startBench();
    await expect(client.publish({ url, ...settings })).rejects.toMatchObject({ status: 400 });
    expect(qstash.stats().published).toBe(0);
  });

  it("refuses a body of more than a megabyte", async () => {
    const { client, destination } = await startBench();
    const body = "x".repeat(1024 * 1024 + 1);
    await expect(client.publish({ url: destination.url, body })).rejects.toMatchObject({ status: 413 });
    await expect(client.batch([{ url: destination.url, body }])).rejects.toMatchObject({ status: 413 });
  });

  it("delivers while other deliveries are still waiting for their answers", async () => {
    const { client, destination } = await startBench();
    const release: (() => void)[] = [];
    destination.answer(() => new Promise((resolve) => release.push(() => resolve({}))));
    for (const body of ["1", "2", "3"]) await client.publish({ url: destination.url, body });
    await destination.arrived(3);
    for (const go of release) go();
  });
});

describe("time in the QStash stand-in", () => {
  it("holds Upstash-Delay back, and delivers when time has moved on", async () => {
    const { client, destination, qstash } = await startBench();
    await client.publish({ url: `${destination.url}/delay`, headers: { "Upstash-Delay": "1h30m" } });
    await client.publish({ url: `${destination.url}/now` });
    expect(await destination.arrived(1)).toMatchObject([{ path: "/now" }]);
    qstash.advance(91 * 60_000);
    expect(await destination.arrived(2)).toMatchObject([{}, { path: "/delay" }]);
  });

  it("runs retries as fast as its time scale says", async () => {
    const { client, destination } = await startBench({ timeScale: 1_000_000 });
    destination.answer(({ headers }) => ({ status: headers["upstash-retried"] === "3" ? 200 : 503 }));
    await client.publish({ url: destination.url });
    expect((await destination.arrived(4)).map(({ headers }) => headers["upstash-retried"])).toEqual([
      "0",
      "1",
      "2",
      "3",
    ]);
  });

  it("cuts an attempt after Upstash-Timeout and counts it as failed", async () => {
    const { client, destination, drain } = await startBench();
    destination.answer(({ headers }) => (headers["upstash-retried"] === "0" ? new Promise(() => {}) : {}));
    const deadlines = holdDeadlines(1_000);
    onTestFinished(deadlines.restore);
    await client.publish({ url: destination.url, timeout: 1 });
    const drained = drain();
    await eventually(() => expect(destination.arrivals).toHaveLength(1));
    deadlines.expire();
    await drained;
    expect(destination.arrivals).toHaveLength(2);
  });
});

describe("deduplication in the QStash stand-in", () => {
  it("answers 202 with the flag for an id seen before, and delivers once", async () => {
    const { client, destination, call, drain } = await startBench();
    const first = await client.publish({ url: destination.url, deduplicationId: "t:1", body: "1" });
    const again = await client.publish({ url: destination.url, deduplicationId: "t:1", body: "2" });
    expect(again).toEqual({ messageId: first.messageId, deduplicated: true });
    await drain();
    expect(destination.arrivals).toMatchObject([{ body: "1" }]);
    expect(await (await call("GET", "/_faults/stats")).json()).toMatchObject({ published: 1, deduplicated: 1 });
  });

  it.each([
    ["10m", 10 * 60_000],
    ["90d", 90 * 86_400_000],
  ])("forgets an id after %s", async (window, ms) => {
    const { client, destination, call, qstash } = await startBench();
    await call("PUT", "/_faults", { dedup_window: window });
    const publish = () => client.publish({ url: destination.url, deduplicationId: "t:1" });
    await publish();
    qstash.advance(ms - 60_000);
    expect(await publish()).toHaveProperty("deduplicated", true);
    qstash.advance(60_000);
    expect(await publish()).not.toHaveProperty("deduplicated");
  });
});
