import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RemoteServer } from "../../src/ports/tool-server.ts";
import { answerOf, errorOf, eventsOf, inSession, type McpStandIn, said, startMcp, toolServerWith } from "./mcp-kit.ts";

let mcp: McpStandIn;
beforeAll(async () => {
  mcp = await startMcp();
});
afterAll(() => mcp.stop());
beforeEach(() => {
  mcp.received.length = 0;
});

const server = (changes: Partial<RemoteServer> = {}): RemoteServer => ({
  url: `${mcp.url}/mcp`,
  authorization: null,
  ...changes,
});
const tool = { name: "add", parameters: { type: "object" }, callId: "call-1" };
const given = { a: 1, b: 2 };
const call = (...[changes]: Parameters<typeof toolServerWith>) => toolServerWith(changes).call(server(), tool, given);
const list = () => toolServerWith().list(server());
const methods = () => mcp.received.map(({ verb, message }) => message?.method ?? verb);

describe("a server that keeps no sessions", () => {
  test("is asked once, with all it needs to know in the one request", async () => {
    mcp.answer = (one) => answerOf(one, said("3", { resultType: "complete" }));
    expect(await toolServerWith().call(server({ authorization: "Bearer t" }), tool, given)).toEqual({
      kind: "ok",
      text: "3",
    });
    expect(methods()).toEqual(["tools/call"]);
    const [{ headers, message } = { headers: new Headers(), message: null }] = mcp.received;
    expect(message).toEqual({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: {
        name: "add",
        arguments: given,
        _meta: {
          "pantheon/call_id": "call-1",
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "pantheon", version: "1" },
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    });
    expect(Object.fromEntries(headers)).toMatchObject({
      authorization: "Bearer t",
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "add",
    });
  });

  test("gets a name, and arguments that its schema wants to see there, in headers that can hold them", async () => {
    mcp.answer = (one) => answerOf(one, said("ok"));
    const header = (name: string) => ({ type: "string", "x-mcp-header": name });
    const inner = { type: "object", properties: { region: header("Region") } };
    const properties = { team: header("Team"), inner, bad: header("not a token"), none: header("None") };
    const odd = { name: "größe\r\nx: y", parameters: { type: "object", properties }, callId: "call-1" };
    await toolServerWith().call(server(), odd, { team: "red", inner: { region: "süd" }, bad: "x" });
    const headers = Object.fromEntries(mcp.received[0]?.headers ?? []);
    expect(headers).toMatchObject({
      "mcp-name": `=?base64?${Buffer.from("größe\r\nx: y").toString("base64")}?=`,
      "mcp-param-team": "red",
      "mcp-param-region": `=?base64?${Buffer.from("süd").toString("base64")}?=`,
    });
    expect(Object.keys(headers).filter((name) => name.startsWith("mcp-param-"))).toHaveLength(2);
  });

  test("may answer in a stream, amid what was not asked for", async () => {
    mcp.answer = ({ message }) =>
      eventsOf(
        { jsonrpc: "2.0", method: "notifications/progress", params: { progress: 1 } },
        { jsonrpc: "2.0", id: 99, result: said("another's") },
        { jsonrpc: "2.0", id: message?.id, result: said("3") },
        { jsonrpc: "2.0", id: message?.id, result: said("too late") },
      );
    expect(await call()).toEqual({ kind: "ok", text: "3" });
  });

  test("may leave its stream open behind the answer, and is left", async () => {
    let isLeft = false;
    mcp.answer = ({ message }) => {
      const event = `data: {"jsonrpc":"2.0","id":${message?.id},\ndata: "result":{"content":[{"type":"text","text":"3"}]}}\r\n\r\n`;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(event)),
        cancel() {
          isLeft = true;
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    };
    expect(await call()).toEqual({ kind: "ok", text: "3" });
    await expect.poll(() => isLeft).toBe(true);
  });
});

describe("a server of the year before", () => {
  test.each([
    ["session-1", ["tools/call", "initialize", "notifications/initialized", "tools/call", "DELETE"]],
    [null, ["tools/call", "initialize", "notifications/initialized", "tools/call"]],
  ])("with the session %j gets its handshake, and a goodbye", async (session, asked) => {
    mcp.answer = inSession((one) => answerOf(one, said("3")), session);
    expect(await call()).toEqual({ kind: "ok", text: "3" });
    expect(methods()).toEqual(asked);
    const last = mcp.received[3];
    expect(last?.message?.params).toEqual({ name: "add", arguments: given, _meta: { "pantheon/call_id": "call-1" } });
    expect(last?.headers.get("mcp-session-id")).toBe(session);
    expect(last?.headers.has("mcp-method")).toBe(false);
    expect(mcp.received[1]?.headers.has("mcp-session-id")).toBe(false);
  });

  test("that needs no handshake answers at once", async () => {
    mcp.answer = (one) => answerOf(one, said("3"));
    expect(await call()).toEqual({ kind: "ok", text: "3" });
    expect(methods()).toEqual(["tools/call"]);
  });

  test("is shaken hands with after any error where nothing can have happened, and only there", async () => {
    const old = inSession((one) => answerOf(one, { tools: [] }));
    const failing = (one: Parameters<typeof old>[0]) => errorOf(one, -32_600, "Invalid Request");
    mcp.answer = (one, bindings) =>
      one.headers.get("mcp-protocol-version") === "2026-07-28" ? failing(one) : old(one, bindings);
    expect(await list()).toEqual({ kind: "listed", tools: [] });
    mcp.received.length = 0;
    expect(await call()).toEqual({
      kind: "failed",
      text: "The tool's server could not be used: it answered with error -32600: Invalid Request.",
    });
    expect(methods()).toEqual(["tools/call"]);
  });

  test("of a version that nobody knows is left alone", async () => {
    mcp.answer = inSession((one) => answerOf(one, said("3")), "s", "1999-01-01");
    expect(await call()).toMatchObject({ kind: "failed", text: expect.stringContaining("no version of the protocol") });
    expect(methods()).toEqual(["tools/call", "initialize"]);
  });
});

describe("a list of tools", () => {
  const listed = async () => {
    const listing = await list();
    if (listing.kind !== "listed") throw new Error(listing.reason);
    return listing.tools;
  };
  const inputSchema = { type: "object", properties: { q: { type: "string" } } };

  test("is what the server offers, page by page", async () => {
    mcp.answer = (one) =>
      one.message?.params.cursor === "next"
        ? answerOf(one, { tools: [{ name: "two", inputSchema }] })
        : answerOf(one, { tools: [{ name: "one", description: "The first.", inputSchema }], nextCursor: "next" });
    expect(await listed()).toEqual([
      { name: "one", description: "The first.", parameters: inputSchema },
      { name: "two", description: "", parameters: inputSchema },
    ]);
  });

  test("holds 32 at most, and ends with a server whose pages do not", async () => {
    mcp.answer = (one) =>
      answerOf(one, {
        tools: Array.from({ length: 9 }, (_, n) => ({ name: `t${n}`, inputSchema })),
        nextCursor: "more",
      });
    expect(await listed()).toHaveLength(32);
    expect(mcp.received).toHaveLength(4);
    mcp.received.length = 0;
    mcp.answer = (one) => answerOf(one, { tools: [], nextCursor: "more" });
    expect(await listed()).toEqual([]);
    expect(mcp.received).toHaveLength(4);
  });

  test("leaves out what cannot be offered, and shortens what is too long", async () => {
    const nested: unknown = JSON.parse(`${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`);
    mcp.answer = (one) =>
      answerOf(one, {
        tools: [
          null,
          { name: 5, inputSchema },
          { name: "", inputSchema },
          { name: "n".repeat(129), inputSchema },
          { name: "no schema" },
          { name: "list", inputSchema: { type: "array" } },
          { name: "large", inputSchema: { type: "object", description: "x".repeat(9_000) } },
          { name: "deep", inputSchema: { type: "object", properties: nested } },
          { name: "good", description: `a\u0000b\u001b[31m${"x".repeat(2_000)}`, inputSchema },
        ],
      });
    const [only, ...more] = await listed();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ name: "good", description: expect.stringMatching(/^a b \[31mx+$/) });
    expect(only?.description).toHaveLength(1_024);
  });

  test.each([
    [() => new Response("no", { status: 401 }), "it did not accept the authorization (status 401)"],
    [() => new Response("no", { status: 503 }), "it answered with status 503 and nothing that can be read"],
    [() => Response.json({ jsonrpc: "2.0", id: 1 }), "it answered with status 200 and nothing that can be read"],
  ])("that does not come is a failure in words", async (answer, reason) => {
    mcp.answer = answer;
    expect(await list()).toEqual({ kind: "failed", reason });
  });
});

describe("what a tool says", () => {
  test.each([
    [said("one"), { kind: "ok", text: "one" }],
    [said("broken", { isError: true }), { kind: "failed", text: "broken" }],
    [
      { content: [], structuredContent: { sum: 3 } },
      { kind: "ok", text: '{"sum":3}' },
    ],
    [{ content: [] }, { kind: "ok", text: "(no content)" }],
    [{}, { kind: "ok", text: "(no content)" }],
    [
      {
        content: [
          { type: "text", text: "a" },
          { type: "image", data: "AAAA", mimeType: "image/png" },
          { type: "resource", resource: { uri: "x:y", text: "inner" } },
          { type: "resource_link", uri: "https://x.example/y" },
          { type: "unheard" },
          "words",
        ],
      },
      {
        kind: "ok",
        text: "a\n[image of type image/png, not shown]\ninner\n[link to https://x.example/y]\n[unheard of type unknown, not shown]\n[unknown of type unknown, not shown]",
      },
    ],
    [
      { resultType: "input_required", inputRequests: {} },
      { kind: "failed", text: "The tool asks for something back before it goes on, which is not supported." },
    ],
  ])("%j is read as %j", async (result, answer) => {
    mcp.answer = (one) => answerOf(one, result);
    expect(await call()).toEqual(answer);
  });
});
