import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { systemSigner } from "../../src/adapters/system/signer.ts";
import { createWebhookSender } from "../../src/adapters/webhook/sender.ts";
import { listOf } from "../../src/contract/lists.ts";
import { CreatedWebhookEndpoint, WebhookEndpoint } from "../../src/contract/webhooks.ts";
import { checkUrl } from "../../src/domain/webhook/check-url.ts";
import type { Resolver } from "../../src/ports/resolver.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";

const Corpus = z.record(z.string(), z.array(z.string()));
const corpus = Corpus.parse(JSON.parse(readFileSync(new URL("./hostile-urls.json", import.meta.url), "utf8")));
const kinds = Object.entries(corpus);
const hostile = kinds.flatMap(([, urls]) => urls);

/** Names that only DNS tells apart from good ones, and what it says of them. */
const addressesByName: Readonly<Record<string, readonly string[]>> = {
  "127.0.0.1.nip.io": ["127.0.0.1"],
  "169-254-169-254.sslip.io": ["169.254.169.254"],
  "localtest.me": ["127.0.0.1", "::1"],
  "mapped.example.com": ["::ffff:10.0.0.1"],
  "mapped-public.example.com": ["::ffff:8.8.8.8"],
  "nat64.example.com": ["64:ff9b::a9fe:a9fe"],
  "6to4.example.com": ["2002:7f00:1::"],
  "unique-local.example.com": ["fd00:ec2::254"],
  "link-local.example.com": ["fe80::1"],
  "metadata.example.com": ["100.100.100.200"],
  "azure.example.com": ["168.63.129.16"],
  "this-network.example.com": ["0.0.0.0"],
  "multicast.example.com": ["224.0.0.1"],
  "one-of-two.example.com": ["93.184.215.14", "10.0.0.1"],
  "six-of-two.example.com": ["93.184.215.14", "::1"],
  "nowhere.example.com": [],
  "junk.example.com": ["not an address"],
};

const message = { id: "msg_1", body: "{}", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] };
const asked: string[] = [];
const sent: string[] = [];
const resolver: Resolver = {
  resolve: async (host) => {
    asked.push(host);
    return { kind: "found", addresses: addressesByName[host] ?? ["93.184.215.14"] };
  },
};

function senderWhere(isLoopbackAllowed: boolean) {
  return createWebhookSender({
    resolver,
    signer: systemSigner,
    clock: { now: () => new Date() },
    isLoopbackAllowed,
    timeoutMs: 20_000,
    fetch: async (url) => {
      sent.push(url);
      return new Response("ok");
    },
  });
}

const sender = senderWhere(false);
let world: ApiWorld;
let ada: ApiUser;
beforeAll(async () => {
  world = await openApiWorld({ ports: { webhookSender: sender } });
  ada = await world.signUp();
});
afterAll(() => world.stop());

async function register(url: string) {
  asked.length = 0;
  sent.length = 0;
  return world.request("post", "/webhook_endpoints", { token: ada.token, body: { url } });
}

it("knows at least 300 hostile addresses, each once", () => {
  expect(hostile.length).toBeGreaterThanOrEqual(300);
  expect(new Set(hostile).size).toBe(hostile.length);
});

it("hears of a good one: the name is asked for, and one request goes out", async () => {
  const made = (await register("https://hooks.example.com/x")).json(CreatedWebhookEndpoint);
  expect([asked, sent]).toEqual([["hooks.example.com"], []]);
  expect(await sender.send({ ...message, url: made.url })).toMatchObject({ kind: "answered", status: 200 });
  expect([asked, sent]).toEqual([["hooks.example.com", "hooks.example.com"], ["https://hooks.example.com/x"]]);
});

describe.each(kinds)("%s", (_, urls) => {
  it("are registered nowhere, and nobody is asked about them", async () => {
    for (const url of urls) {
      const problem = (await register(url)).problem();
      expect([url, problem.status, problem.errors?.[0]?.pointer]).toEqual([url, 422, "/url"]);
      expect([url, asked, sent]).toEqual([url, [], []]);
    }
  });

  it("are sent nothing, even if one had been stored", async () => {
    for (const url of urls) {
      asked.length = 0;
      expect([url, (await sender.send({ ...message, url })).kind]).toEqual([url, "refused"]);
      expect([url, asked, sent]).toEqual([url, [], []]);
    }
  });
});

describe("names that resolve to no public address", () => {
  it.each(Object.keys(addressesByName))("are asked for and go no further: %s", async (name) => {
    const url = `https://${name}/hook`;
    expect((await register(url)).problem().errors?.[0]?.pointer).toBe("/url");
    expect(await sender.send({ ...message, url })).toMatchObject({ kind: "refused" });
    expect([asked, sent]).toEqual([[name, name], []]);
  });
});

describe("where this machine is allowed", () => {
  it("it alone is, in its three plain spellings, and nothing else of the corpus", async () => {
    const local = senderWhere(true);
    const isPlain = /^https:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/.*)?$/i;
    sent.length = 0;
    for (const url of hostile) {
      const { kind } = await local.send({ ...message, url });
      expect([url, kind]).toEqual([url, isPlain.test(url) ? "answered" : "refused"]);
    }
    expect(sent).toEqual(hostile.filter((url) => isPlain.test(url)));
    expect(sent.length).toBeLessThan(20);
  });
});

it("leaves nothing of all this behind", async () => {
  const { data } = (await world.request("get", "/webhook_endpoints", { token: ada.token })).json(
    listOf(WebhookEndpoint),
  );
  expect(data.map(({ url }) => url)).toEqual(["https://hooks.example.com/x"]);
  expect(
    hostile.filter((url) => checkUrl(url, URL.parse(url), { isLoopbackAllowed: false }).kind === "allowed"),
  ).toEqual([]);
});
