import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answerOf, errorOf, eventsOf, inSession, type McpStandIn, said, startMcp, toolServerWith } from "./mcp-kit.ts";

let mcp: McpStandIn;
beforeAll(async () => {
  mcp = await startMcp();
});
afterAll(() => mcp.stop());
beforeEach(() => {
  mcp.received.length = 0;
});

const tool = { name: "add", parameters: { type: "object" }, callId: "call-1" };
const server = (url = `${mcp.url}/mcp`) => ({ url, authorization: null });
const call = (changes: Parameters<typeof toolServerWith>[0] = {}) =>
  toolServerWith(changes).call(server(), tool, { a: 1 });

describe("a hostile server", () => {
  const failure = (reason: string) => ({ kind: "failed", text: `The tool's server could not be used: ${reason}.` });

  test("leads nowhere else", async () => {
    mcp.answer = () => Response.redirect("http://127.0.0.1:1/elsewhere", 307);
    expect(await call()).toEqual(failure("it redirects elsewhere, which is not followed"));
    expect(mcp.received).toHaveLength(1);
  });

  test.each([
    ["body", (text: string) => Response.json({ jsonrpc: "2.0", id: 1, result: said(text) })],
    ["stream", (text: string) => eventsOf({ jsonrpc: "2.0", method: "notifications/message", params: { text } })],
  ])("with a %s without end is left at 64 KB", async (_, answer) => {
    mcp.answer = () => answer("x".repeat(70_000));
    expect(await call()).toEqual(failure("its answer has more than 65536 bytes"));
    mcp.answer = ({ message }) => Response.json({ jsonrpc: "2.0", id: message?.id, result: said("x".repeat(60_000)) });
    expect(await call()).toMatchObject({ kind: "ok" });
  });

  test.each(["silent", "never ending"])("that is %s is left in time", async (kind) => {
    const body = () =>
      new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(": \n\n")) });
    const streaming = { headers: { "content-type": "text/event-stream" } };
    mcp.answer = () => (kind === "silent" ? new Promise<Response>(() => undefined) : new Response(body(), streaming));
    expect(await call({ timeoutMs: 300 })).toEqual(failure("it did not answer in time"));
  });

  test.each([
    ["a cut stream", () => eventsOf({ jsonrpc: "2.0", method: "notifications/progress" })],
    ["another's answer", () => Response.json({ jsonrpc: "2.0", id: 7, result: said("3") })],
    ["a page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["half an answer", () => new Response('{"jsonrpc":', { headers: { "content-type": "application/json" } })],
    ["nothing", () => new Response(null, { status: 204 })],
  ])("with %s has not answered", async (_, answer) => {
    mcp.answer = answer;
    expect(await call()).toMatchObject({ kind: "failed", text: expect.stringContaining("nothing that can be read") });
  });

  test("cannot smuggle anything into a header with its session, nor much into an error", async () => {
    mcp.answer = inSession((one) => answerOf(one, said("3")), "s".repeat(600));
    expect(await call()).toMatchObject({ kind: "failed" });
    mcp.answer = (one) => errorOf(one, -1, `a\n${"b".repeat(5_000)}`);
    expect((await call()).text.length).toBeLessThan(400);
  });
});

describe("an address", () => {
  test.each([
    ["http://tools.example/mcp", "must begin with https://"],
    ["https://10.0.0.1/mcp", "must name a host, not an IP address"],
    ["https://localhost/mcp", "names a host that is not on the public internet"],
    ["https://user:pass@tools.example/", "must not hold a user name or password"],
  ])("%s is refused as a webhook's is, and nothing is sent", async (url, reason) => {
    const sent: string[] = [];
    const fetch = async (to: string) => {
      sent.push(to);
      return new Response();
    };
    const tools = toolServerWith({ fetch }, false);
    expect(await tools.list(server(url))).toEqual({ kind: "failed", reason: `its address ${reason}` });
    expect(await tools.call(server(url), tool, {})).toMatchObject({ kind: "failed" });
    expect(sent).toEqual([]);
  });

  test("is looked at before every call: a name that moved is not called again", async () => {
    mcp.answer = (one) => answerOf(one, said("3"));
    let isPublic = true;
    const checkUrl = async () =>
      isPublic
        ? ({ kind: "allowed", host: "x", isLoopback: false } as const)
        : ({ kind: "refused", reason: "names a host without a public address" } as const);
    expect(await call({ checkUrl })).toMatchObject({ kind: "ok" });
    isPublic = false;
    expect(await call({ checkUrl })).toMatchObject({ kind: "failed" });
    expect(mcp.received).toHaveLength(1);
  });
});
