import { describe, expect, it } from "vitest";
import { httpInVerbs, idleVoiceExcuses } from "./voice-law.ts";

const verb = (text: string) => [{ path: "src/app/a.ts", text }];
const port = (text: string) => [{ path: "src/ports/a.ts", text }];

describe("the law of voices", () => {
  it.each([
    ["a header", "return { status, headers: {}, body };"],
    ["a header", 'const etag = { ETag: "1" };'],
    ["a header", 'throw new PantheonError("conflict", "Send another If-Match.");'],
    ["a header", "return turn.id ?? reply.Location;"],
    ["a path of the API", "const at = `/api/v1/turns`;"],
    ["a status code", "return { status: 202, turn };"],
    ["a status code", "return json(200, turn);"],
    ["a status code", "if (reply.status === 404) return null;"],
    ["JSON text", "return { body: JSON.stringify(turn) };"],
  ])("refuses %s in a verb: %s", (what, text) => {
    expect(httpInVerbs(verb(text), [])).toContainEqual(expect.stringContaining(`src/app/a.ts: names ${what};`));
  });

  it.each([
    ["a header", "  readonly headers: Readonly<Record<string, string>>;"],
    ["a path of the API", 'export const turns = "/api/v1/turns";'],
    ["an HTTP status", "  readonly status: number;"],
    ["an HTTP status", "  readonly httpStatus: number | null;"],
    ["an HTTP status", "  readonly http_status?: number;"],
  ])("refuses %s in a port: %s", (what, text) => {
    expect(httpInVerbs(port(text), [])).toEqual([expect.stringContaining(`src/ports/a.ts: names ${what};`)]);
  });

  it.each([
    'if (turn.status === "cancelled") return turn;',
    "const pausesMs = [100, 400, 1000];",
    "return { value: turn, isReplayed: false };",
    "const { bytes } = await read(place);",
  ])("lets a verb say %s", (text) => {
    expect(httpInVerbs(verb(text), [])).toEqual([]);
  });

  it("lets a port say what a turn has come to", () => {
    expect(httpInVerbs(port('  readonly status: "queued" | "failed";'), [])).toEqual([]);
  });

  it("lets an excused file do what it is excused for, and nothing else", () => {
    const excused = [{ path: "src/app/a.ts", what: "JSON text" }] as const;
    expect(httpInVerbs(verb("hash(JSON.stringify(messages))"), excused)).toEqual([]);
    expect(httpInVerbs(verb("JSON.stringify({ status: 200 })"), excused)).toHaveLength(1);
  });

  it("refuses an excuse that nothing needs", () => {
    const excused = [{ path: "src/app/a.ts", what: "JSON text" }] as const;
    expect(idleVoiceExcuses(verb("return turn;"), excused)).toHaveLength(1);
    expect(idleVoiceExcuses(verb("JSON.stringify(turn)"), excused)).toEqual([]);
  });
});
