import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { RegisterEntry } from "../../src/contract/memory.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { ask, furnish, nobodysId, type Place, plantSummary, plantTurn } from "./memory-kit.ts";

let world: ApiWorld;
let ada: Place;
let elsewhere: Place;
let ids: readonly string[];
beforeAll(async () => {
  world = await openApiWorld();
  ada = await furnish(world);
  const [asked = ""] = await plantTurn(world, ada, { index: 1, texts: ["When?"] });
  const entries = [
    { kind: "fact", text: "The budget is 900.", author_key: "ada", source_message_ids: [asked] },
    { kind: "decision", text: "Launch on 3 May.", is_pinned: true },
    { kind: "question", text: "Who pays?" },
    { kind: "decision", text: "Ada leads." },
  ] as const;
  ids = (await plantSummary(world, ada, { entries })).entryIds;
  await ask(world, "update register_entries set status = 'done' where id = $1", [ids[2] ?? ""]);
  await ask(world, "update register_entries set status = 'superseded', superseded_by = $2 where id = $1", [
    ids[3] ?? "",
    ids[1] ?? "",
  ]);
  const sessionId = await anotherSession();
  elsewhere = { ...ada, sessionId };
  await plantSummary(world, elsewhere, { entries: [{ kind: "fact", text: "Elsewhere." }] });
});
afterAll(() => world.stop());

async function anotherSession(): Promise<string> {
  const sent = { token: ada.user.token, body: {} };
  return (await world.request("post", `/rooms/${ada.roomId}/sessions`, sent)).json(RegisterEntry.pick({ id: true })).id;
}

async function texts(path: string): Promise<readonly string[]> {
  const answer = await world.request("get", path, { token: ada.user.token });
  return answer.json(listOf(RegisterEntry)).data.map(({ text }) => text);
}

const ofSession = (query = "") => `/sessions/${ada.sessionId}/register${query}`;
const ofRoom = (query = "") => `/rooms/${ada.roomId}/register${query}`;

describe("the register", () => {
  it("has what was said in a session, newest first, with who said it and where", async () => {
    expect(await texts(ofSession())).toEqual(["Ada leads.", "Who pays?", "Launch on 3 May.", "The budget is 900."]);
    const answer = await world.request("get", ofSession(), { token: ada.user.token });
    const { data } = answer.json(listOf(RegisterEntry));
    expect(data[0]).toMatchObject({ id: ids[3], status: "superseded", superseded_by: ids[1], author_key: null });
    expect(data[3]).toMatchObject({
      id: ids[0],
      room_id: ada.roomId,
      session_id: ada.sessionId,
      kind: "fact",
      status: "open",
      author_key: "ada",
      is_pinned: false,
      superseded_by: null,
    });
    expect(data[3]?.source_message_ids).toHaveLength(1);
  });

  it.each([
    ["?kind=decision", ["Ada leads.", "Launch on 3 May."]],
    ["?status=open", ["Launch on 3 May.", "The budget is 900."]],
    ["?status=done", ["Who pays?"]],
    ["?pinned=true", ["Launch on 3 May."]],
    ["?pinned=false&kind=decision", ["Ada leads."]],
    ["?kind=action", []],
  ])("is filtered by %s", async (query, expected) => {
    expect(await texts(ofSession(query))).toEqual(expected);
  });

  it("comes in pages that meet without a gap", async () => {
    const read = async (query: string) =>
      (await world.request("get", ofRoom(query), { token: ada.user.token })).json(listOf(RegisterEntry));
    const first = await read("?limit=3");
    expect(first.has_more).toBe(true);
    const second = await read(`?limit=3&cursor=${first.next_cursor}`);
    expect([...first.data, ...second.data].map(({ text }) => text)).toEqual(await texts(ofRoom()));
    expect(second).toMatchObject({ has_more: false, next_cursor: null });
  });

  it("of a room is that of all its sessions that are there", async () => {
    expect(await texts(ofRoom("?kind=fact"))).toEqual(["Elsewhere.", "The budget is 900."]);
    const gone = { ...ada, sessionId: await anotherSession() };
    await plantSummary(world, gone, { entries: [{ kind: "fact", text: "Gone." }] });
    expect(await texts(ofRoom("?kind=fact"))).toHaveLength(3);
    await world.request("delete", `/rooms/${ada.roomId}/sessions/${gone.sessionId}`, { token: ada.user.token });
    expect(await texts(ofRoom("?kind=fact"))).toHaveLength(2);
  });

  it.each(["?kind=x", "?status=x", "?pinned=1", "?pinned=", "?cursor=1", "?who=ada"])("refuses %s", async (query) => {
    for (const path of [ofSession(query), ofRoom(query)]) {
      const answer = await world.request("get", path, { token: ada.user.token });
      expect(answer.problem()).toMatchObject({ code: "validation_failed" });
    }
  });

  it("is nobody else's, and empty of nobody's", async () => {
    const { token } = await world.signUp();
    for (const path of [ofSession(), ofRoom(), `/sessions/${nobodysId()}/register`, `/rooms/${nobodysId()}/register`])
      expect((await world.request("get", path, { token })).problem()).toMatchObject({ code: "not_found" });
  });
});
