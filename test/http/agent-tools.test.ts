import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { Agent, builtInToolNames } from "../../src/contract/agents.ts";
import { Room } from "../../src/contract/rooms.ts";
import { builtInTools } from "../../src/domain/tools/built-in.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";

let world: ApiWorld;
let ada: ApiUser;
let agents: string;
beforeAll(async () => {
  world = await openApiWorld();
});
beforeEach(async () => {
  ada = await world.signUp();
  agents = `/rooms/${(await ask("post", "/rooms", { name: "Room" })).json(Room).id}/agents`;
});
afterAll(() => world.stop());

function ask(method: string, path: string, body?: unknown, headers = {}) {
  return world.request(method, path, { token: ada.token, headers, ...(body === undefined ? {} : { body }) });
}

const seat = (more: object = {}) =>
  ask("post", agents, { agent_key: "critic", name: "C", model_alias: "gpt-4o-mini", ...more });

it("knows the built-in tools by the names under which they run", () => {
  expect(builtInTools.map(({ name }) => name)).toEqual(builtInToolNames);
});

it("seats an agent without tools unless it is given some, and keeps them in their order", async () => {
  expect((await seat()).json(Agent).tools).toEqual([]);
  const tools = ["search_memory", "mail/*", "calculator", "Files/read.text-2", "nowhere/to/be/found"];
  expect((await seat({ agent_key: "other", tools })).json(Agent).tools).toEqual(tools);
  expect((await ask("get", `${agents}/other`)).json(Agent).tools).toEqual(tools);
});

it("gives and takes tools with a new version, and leaves them alone otherwise", async () => {
  await seat({ tools: ["clock"] });
  const change = (body: object) => ask("patch", `${agents}/critic`, body);
  expect((await change({ name: "D" })).json(Agent)).toMatchObject({ tools: ["clock"], version: 2 });
  const given = await change({ tools: ["calculator", "mail/send"] });
  expect(given.json(Agent)).toMatchObject({ tools: ["calculator", "mail/send"], version: 3 });
  expect(given.headers.get("etag")).toBe('"3"');
  expect((await change({ tools: [] })).json(Agent)).toMatchObject({ tools: [], version: 4 });
  const late = await ask("patch", `${agents}/critic`, { tools: ["clock"] }, { "if-match": '"3"' });
  expect(late.problem().code).toBe("precondition_failed");
});

it.each([
  ["/tools/0", ["shell"]],
  ["/tools/0", ["Calculator"]],
  ["/tools/1", ["clock", "calculator "]],
  ["/tools/0", ["mail/"]],
  ["/tools/0", ["/send"]],
  ["/tools/0", ["*"]],
  ["/tools/0", ["*/*"]],
  ["/tools/0", ["mail/send it"]],
  ["/tools/0", [`mail/${"x".repeat(129)}`]],
  ["/tools/0", [`${"x".repeat(41)}/send`]],
  ["/tools/0", [""]],
  ["/tools/0", [7]],
  ["/tools", ["clock", "clock"]],
  ["/tools", Array.from({ length: 21 }, (_, index) => `mail/${index}`)],
  ["/tools", "clock"],
  ["/tools", null],
])("refuses at %s: %j", async (pointer, tools) => {
  const problem = (await seat({ tools })).problem();
  expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
});
