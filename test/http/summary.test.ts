import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionSummary } from "../../src/contract/memory.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { furnish, nobodysId, type Place, plantSummary, plantTurn } from "./memory-kit.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

const get = ({ user, sessionId }: Place, query = "") =>
  world.request("get", `/sessions/${sessionId}/summary${query}`, { token: user.token });

describe("a session's summary", () => {
  it("is nothing until there is one, as for a session that is not there", async () => {
    const place = await furnish(world);
    const problem = { status: 404, code: "not_found", detail: "There is nothing here." };
    expect((await get(place)).problem()).toMatchObject(problem);
    expect((await get({ ...place, sessionId: nobodysId() })).problem()).toMatchObject(problem);
  });

  it("has its narrative, its entries with their sources, and the words that go into prompts", async () => {
    const place = await furnish(world);
    const [asked = "", said = ""] = await plantTurn(world, place, { index: 1, texts: ["When?", "On 3 May."] });
    const { id, entryIds } = await plantSummary(world, place, {
      text: "They talked of the launch.",
      rendered: "Decisions:\n- Launch on 3 May.\n\nSo far:\nThey talked of the launch.",
      entries: [
        { kind: "decision", text: "Launch on 3 May.", author_key: "ada", source_message_ids: [said] },
        { kind: "question", text: "Who pays?", source_message_ids: [asked, said] },
        { kind: "action", text: "Ada books the hall." },
        { kind: "fact", text: "The budget is 900." },
      ],
    });
    const [decision, question, action, fact] = entryIds;
    const { created_at, ...summary } = (await get(place)).json(SessionSummary);
    expect(Date.parse(created_at)).toBeGreaterThan(Date.parse("2020-01-01T00:00:00Z"));
    expect(summary).toEqual({
      id,
      session_id: place.sessionId,
      version: 1,
      through_turn_index: 1,
      text: "They talked of the launch.",
      decisions: [{ entry_id: decision, text: "Launch on 3 May.", source_message_ids: [said] }],
      open_questions: [{ entry_id: question, text: "Who pays?", source_message_ids: [asked, said] }],
      action_items: [{ entry_id: action, text: "Ada books the hall.", source_message_ids: [] }],
      key_facts: [{ entry_id: fact, text: "The budget is 900.", source_message_ids: [] }],
      rendered: "Decisions:\n- Launch on 3 May.\n\nSo far:\nThey talked of the launch.",
      tokens: 7,
      is_fallback: false,
    });
  });

  it("is the newest version, and those before it for whoever names them", async () => {
    const place = await furnish(world);
    await plantSummary(world, place, { text: "First." });
    await plantSummary(world, place, { base_version: 1, text: "Second.", is_fallback: true });
    expect((await get(place)).json(SessionSummary)).toMatchObject({ version: 2, text: "Second.", is_fallback: true });
    expect((await get(place, "?version=1")).json(SessionSummary)).toMatchObject({ version: 1, text: "First." });
    expect((await get(place, "?version=3")).problem()).toMatchObject({ code: "not_found" });
  });

  it.each(["?version=0", "?version=x", "?version=99999999999", "?verson=1"])(
    "cannot be asked for with %s",
    async (query) => {
      expect((await get(await furnish(world), query)).problem()).toMatchObject({ code: "validation_failed" });
    },
  );

  it("goes with its session", async () => {
    const place = await furnish(world);
    await plantSummary(world, place);
    await world.request("delete", `/rooms/${place.roomId}/sessions/${place.sessionId}`, { token: place.user.token });
    expect((await get(place)).problem()).toMatchObject({ code: "not_found" });
  });

  it("is nobody else's", async () => {
    const place = await furnish(world);
    await plantSummary(world, place);
    const stranger = await world.signUp();
    expect((await get({ ...place, user: stranger })).problem()).toMatchObject({ code: "not_found" });
  });
});
