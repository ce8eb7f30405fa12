import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createResolver, type ResolverConfig } from "../../src/adapters/dns/resolver.ts";
import { type DnsStandIn, startDns } from "../../src/local/dns/start-dns.ts";
import { serve } from "../../src/local/serve.ts";

const token = "dns-token";
let dns: DnsStandIn;
beforeAll(async () => {
  dns = await startDns({ token });
});
afterEach(() => setFaults({}));
afterAll(() => dns.stop());

async function setFaults(faults: object, bearer = token): Promise<number> {
  const headers = { authorization: `Bearer ${bearer}` };
  const response = await fetch(`${dns.url}/_faults`, { method: "PUT", headers, body: JSON.stringify(faults) });
  await response.body?.cancel();
  return response.status;
}

function resolve(host: string, changes: Partial<ResolverConfig> = {}) {
  return createResolver({ dnsUrl: dns.dnsUrl, timeoutMs: 5_000, ...changes }).resolve(host);
}

describe("the resolver", () => {
  it("asks for both kinds of address, and nothing but addresses comes back", async () => {
    await setFaults({
      records: {
        "hooks.example.com": ["alias.example.net"],
        "alias.example.net": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "10.0.0.1"],
      },
    });
    dns.takeAsked();
    const resolution = await resolve("hooks.example.com");
    expect(resolution).toEqual({
      kind: "found",
      addresses: ["93.184.215.14", "10.0.0.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    });
    expect(dns.takeAsked().toSorted()).toEqual(["A hooks.example.com", "AAAA hooks.example.com"]);
  });

  it.each([
    ["a name that is not there", { records: { "x.example.com": [] } }, "there is no x.example.com"],
    ["an alias of nothing", { records: { "x.example.com": ["y.example.com"], "y.example.com": [] } }, "has no address"],
    ["aliases in a circle", { records: { "x.example.com": ["x.example.com"] } }, "has no address"],
    ["a failing server", { fail_next: 9 }, "code 2"],
    ["a 503", { fail_next: 9, strike: "error" }, "answered 503"],
    ["a redirect, which is not followed", { fail_next: 9, strike: "redirect" }, "answered 302"],
    ["a cut connection", { fail_next: 9, strike: "reset" }, "did not answer"],
    ["another page than an answer", { fail_next: 9, strike: "garbage" }, "did not answer well"],
    ["an answer that is not whole", { fail_next: 9, strike: "truncated" }, "did not answer well"],
    ["an answer without end", { fail_next: 9, strike: "endless" }, "too long"],
    ["a server that is down", { down: true }, "did not answer"],
    ["a failure of one of the two questions", { fail_next: 1 }, "code 2"],
  ])("knows nothing after %s", async (_, faults, reason) => {
    expect(await setFaults(faults)).toBe(200);
    expect(await resolve("x.example.com")).toEqual({ kind: "failed", reason: expect.stringContaining(reason) });
  });

  it("waits for a silent server no longer than it was told", async () => {
    const silent = await serve(() => new Promise<Response>(() => undefined));
    const resolution = await resolve("x.example.com", { dnsUrl: silent.url, timeoutMs: 50 });
    expect(resolution).toMatchObject({ kind: "failed", reason: expect.stringContaining("did not answer") });
    await silent.stop();
  });

  it.each([
    ["no JSON", "{"],
    ["another shape", '{"Answer":[]}'],
    ["a status that is no number", '{"Status":"0","Answer":[]}'],
    ["records of another shape", '{"Status":0,"Answer":[{"type":"A","data":1}]}'],
  ])("knows nothing after %s", async (_, body) => {
    const fetch = async () => new Response(body);
    expect(await resolve("x.example.com", { fetch })).toMatchObject({ kind: "failed" });
  });

  it("takes no record of another type for an address", async () => {
    const records = [5, 16, 28, 65].map((type) => ({ type, data: "93.184.215.14" }));
    const fetch = async (url: string) =>
      new Response(JSON.stringify({ Status: 0, Answer: url.endsWith("type=A") ? records : [] }));
    expect(await resolve("x.example.com", { fetch })).toEqual({
      kind: "failed",
      reason: "x.example.com has no address",
    });
  });
});

describe("the DNS stand-in", () => {
  it("gives every other name a public address, and those of nip.io the one they hold", async () => {
    expect(await resolve("example.com")).toEqual({ kind: "found", addresses: ["93.184.215.14"] });
    expect(await resolve("10.0.0.1.nip.io")).toEqual({ kind: "found", addresses: ["10.0.0.1"] });
    expect(await resolve("a-192-168-0-1.sslip.io")).toEqual({ kind: "found", addresses: ["192.168.0.1"] });
    expect(await resolve("999.0.0.1.nip.io")).toEqual({ kind: "found", addresses: ["93.184.215.14"] });
  });

  it("takes faults from nobody without its token, and no unknown one", async () => {
    expect(await setFaults({ down: true }, "wrong")).toBe(401);
    expect(await setFaults({ dwon: true })).toBe(400);
    expect(await resolve("example.com")).toMatchObject({ kind: "found" });
  });

  it("refuses what is no question", async () => {
    const statusOf = async (query: string) => (await fetch(`${dns.dnsUrl}?${query}`)).status;
    expect([await statusOf("name=example.com"), await statusOf("name=&type=A"), await statusOf("type=A")]).toEqual([
      400, 400, 400,
    ]);
    expect(await statusOf("name=example.com&type=MX")).toBe(400);
  });
});
