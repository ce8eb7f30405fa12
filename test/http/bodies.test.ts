import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Room } from "../../src/contract/rooms.ts";
import { type ApiUser, type ApiWorld, openApiWorld, type RequestOptions } from "../support/api.ts";

let world: ApiWorld;
let ada: ApiUser;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
});
afterAll(() => world.stop());

function post(sent: RequestOptions) {
  return world.request("post", "/rooms", { token: ada.token, ...sent });
}

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

describe("a body that is no JSON", () => {
  it.each([
    ["nothing", ""],
    ["blanks", "  \n"],
    ["half an object", '{"name":'],
    ["single quotes", "{'name':'x'}"],
    ["a comma too many", '{"name":"x",}'],
    ["two values", '{"name":"x"}{"name":"y"}'],
    ["a comment", '{"name":"x"}//'],
    ["NaN", '{"name":NaN}'],
    ["a raw NUL", '{"name":"a\0b"}'],
    ["a raw newline in a text", '{"name":"a\nb"}'],
    ["a lone escape", '{"name":"\\ud8"}'],
    ["half of a deep one", "[".repeat(500_000)],
    ["invalid UTF-8", Uint8Array.from([0x7b, 0x22, 0x6e, 0xff, 0xfe, 0x22, 0x7d])],
    ["an overlong NUL", Uint8Array.from([0x22, 0xc0, 0x80, 0x22])],
    ["a surrogate in UTF-8", Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["UTF-16", Uint8Array.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])],
  ])("is malformed: %s", async (_, rawBody) => {
    expect((await post({ rawBody })).problem()).toMatchObject({ status: 400, code: "malformed_json" });
  });
});

describe("a body of another kind", () => {
  it.each([
    "text/plain",
    "application/xml",
    "application/jsonp",
    "application/json5",
    "multipart/form-data",
    "json",
    "",
    "application/problem+json",
    "application/x-www-form-urlencoded",
  ])("is refused: %s", async (type) => {
    const answer = await post({ rawBody: '{"name":"x"}', headers: { "content-type": type } });
    expect(answer.problem()).toMatchObject({ status: 415, code: "unsupported_media_type" });
  });

  it.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/json ;charset=UTF-8",
    "application/json;",
  ])("is JSON however it is spelt: %s", async (type) => {
    const answer = await post({ rawBody: '{"name":"by type"}', headers: { "content-type": type } });
    expect(answer.json(Room).name).toBe("by type");
  });

  it("is missing where one is needed", async () => {
    expect((await post({})).problem().code).toBe("unsupported_media_type");
  });
});

describe("a body that is too large", () => {
  const limit = 2 * 1024 * 1024;

  it("is refused one byte above 2 MiB, and read up to there", async () => {
    const padded = (bytes: number) => `{"name":"x"}${" ".repeat(bytes - 12)}`;
    expect((await post({ rawBody: padded(limit) })).status).toBe(201);
    expect((await post({ rawBody: padded(limit + 1) })).problem()).toMatchObject({
      status: 413,
      code: "payload_too_large",
    });
  });

  it("is refused by its own word, unread", async () => {
    const headers = { "content-length": String(limit + 1) };
    expect((await post({ rawBody: "{}", headers })).problem().code).toBe("payload_too_large");
  });

  it("is cut off when it never ends", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
      },
    });
    const headers = { authorization: `Bearer ${ada.token}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body: endless, duplex: "half" };
    const answer = await world.send(new Request("http://api.test/api/v1/rooms", init));
    expect(answer.problem().code).toBe("payload_too_large");
    expect(pulled).toBeLessThan(limit / (64 * 1024) + 8);
  });
});

describe("JSON that cannot be stored or is not what it seems", () => {
  it.each([
    ["NUL", '{"name":"a\\u0000b"}', "/name"],
    ["a lone high surrogate", '{"name":"a\\ud800"}', "/name"],
    ["a lone low surrogate", '{"name":"\\udc00a"}', "/name"],
    ["surrogates in the wrong order", '{"name":"\\udc00\\ud800"}', "/name"],
    ["__proto__", '{"name":"x","__proto__":{"admin":true}}', "/__proto__"],
    ["constructor", '{"name":"x","constructor":{"prototype":{}}}', "/constructor"],
    ["toString", '{"name":"x","toString":1}', "/toString"],
    ["an empty key", '{"name":"x","":1}', "/"],
    ["a number for a text", '{"name":1e999}', "/name"],
    ["a list", "[]", ""],
    ["null", "null", ""],
    ["a number", "-0", ""],
    ["a deep list", nested("[", "]", 100_000), ""],
    ["a deep object", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, "/name"],
    ["a deep name", `{"name":${nested("[", "]", 100_000)}}`, "/name"],
    ["the last of two names", '{"name":"x","name":""}', "/name"],
  ])("is not valid: %s", async (_, rawBody, pointer) => {
    const problem = (await post({ rawBody })).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(Object.prototype).not.toHaveProperty("admin");
  });

  it("takes a byte order mark for what it is", async () => {
    expect((await post({ rawBody: '\ufeff{"name":"x"}' })).status).toBe(201);
  });

  it("never answers with more than 50 errors, nor with a long echo", async () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key-${index}`, 1]));
    const answer = await post({ body: { name: "x", ...many } });
    expect(answer.problem().errors).toHaveLength(50);
    const long = await post({ body: { name: "x", ["k".repeat(1_000_000)]: 1 } });
    expect(long.text.length).toBeLessThan(1000);
  });
});

describe("a query that is not valid", () => {
  it.each([
    ["limit=0", "/query/limit"],
    ["limit=101", "/query/limit"],
    ["limit=-1", "/query/limit"],
    ["limit=1.5", "/query/limit"],
    ["limit=x", "/query/limit"],
    ["limit=", "/query/limit"],
    ["limit=1&limit=2", "/query/limit"],
    ["limit[]=1", "/query/limit[]"],
    ["limit=9007199254740993", "/query/limit"],
    ["cursor=", "/query/cursor"],
    ["cursor=1", "/query/cursor"],
    ["cursor=%00", "/query/cursor"],
    ["cursor=%E0%A4%A", "/query/cursor"],
    ["page=2", "/query/page"],
    ["__proto__=1", "/query/__proto__"],
    ["constructor=1", "/query/constructor"],
  ])("is refused with a pointer: %s", async (query, pointer) => {
    const problem = (await world.request("get", `/rooms?${query}`, { token: ada.token })).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});
