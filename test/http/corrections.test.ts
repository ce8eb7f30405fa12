import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { listOf } from "../../src/contract/lists.ts";
import { RegisterEntry, SessionSummary } from "../../src/contract/memory.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { ask, furnish, nobodysId, type Place, plantSummary, plantTurn } from "./memory-kit.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

interface Remembered extends Place {
  readonly sources: readonly string[];
  readonly decision: string;
  readonly question: string;
}

async function remember(): Promise<Remembered> {
  const place = await furnish(world);
  const sources = await plantTurn(world, place, { index: 1, texts: ["When?", "On 3 May."] });
  const cursor = { turn_index: 2, position: 1, offset: 7 };
  const { entryIds } = await plantSummary(world, place, {
    text: "They talked.",
    cursor,
    is_fallback: true,
    entries: [
      { kind: "decision", text: "Launch on 3 May.", author_key: "ada", source_message_ids: sources },
      { kind: "question", text: "Who pays?" },
    ],
  });
  const [decision = "", question = ""] = entryIds;
  return { ...place, sources, decision, question };
}

const patch = (place: Place, id: string, body: object) =>
  world.request("patch", `/register_entries/${id}`, { token: place.user.token, body });

async function summaryOf({ user, sessionId }: Place): Promise<SessionSummary> {
  return (await world.request("get", `/sessions/${sessionId}/summary`, { token: user.token })).json(SessionSummary);
}

async function registerOf({ user, sessionId }: Place): Promise<readonly RegisterEntry[]> {
  const answer = await world.request("get", `/sessions/${sessionId}/register`, { token: user.token });
  return answer.json(listOf(RegisterEntry)).data;
}

/** What of the summary no correction touches. */
const kept = ({ sessionId }: Place) =>
  ask(
    world,
    "select through_turn_index, made_at_turn_index, cursor, text, is_fallback from session_summaries where session_id = $1 order by version",
    [sessionId],
  );

describe("a correction of the user's", () => {
  it("is an entry of its own in the place of the one before, and in the summary that follows", async () => {
    const place = await remember();
    const corrected = (await patch(place, place.decision, { text: "  Launch on 10 May. " })).json(RegisterEntry);
    expect(corrected).toMatchObject({
      kind: "decision",
      text: "Launch on 10 May.",
      status: "open",
      author_key: null,
      source_message_ids: place.sources,
      is_pinned: false,
      superseded_by: null,
    });
    const before = (await registerOf(place)).find(({ id }) => id === place.decision);
    expect(before).toMatchObject({ text: "Launch on 3 May.", status: "superseded", superseded_by: corrected.id });
    const summary = await summaryOf(place);
    expect(summary).toMatchObject({
      version: 2,
      rendered: "Decisions:\n- Launch on 10 May.\n\nOpen questions:\n- Who pays?\n\nSo far:\nThey talked.",
      decisions: [{ entry_id: corrected.id, text: "Launch on 10 May.", source_message_ids: place.sources }],
    });
    expect(summary.tokens).toBeGreaterThan(0);
    const [first, second] = await kept(place);
    expect(second).toEqual(first);
  });

  it("ends a question, and opens it again", async () => {
    const place = await remember();
    expect((await patch(place, place.question, { status: "done" })).json(RegisterEntry)).toMatchObject({
      id: place.question,
      status: "done",
    });
    expect(await summaryOf(place)).toMatchObject({
      version: 2,
      rendered: "Decisions:\n- Launch on 3 May.\n\nSo far:\nThey talked.",
      open_questions: [],
    });
    await patch(place, place.question, { status: "open" });
    expect((await summaryOf(place)).rendered).toContain("Open questions:\n- Who pays?");
  });

  it("pins an entry, and the entry in its place stays pinned and done", async () => {
    const place = await remember();
    expect((await patch(place, place.decision, { is_pinned: true })).json(RegisterEntry).is_pinned).toBe(true);
    const corrected = await patch(place, place.decision, { text: "Launched.", status: "done" });
    expect(corrected.json(RegisterEntry)).toMatchObject({ text: "Launched.", status: "done", is_pinned: true });
    expect((await summaryOf(place)).rendered).not.toContain("Launch");
  });

  it.each([{ text: "Launch on 3 May." }, { status: "open" }, { is_pinned: false, status: "open" }])(
    "that changes nothing writes nothing: %j",
    async (edit) => {
      const place = await remember();
      const [before] = (await registerOf(place)).filter(({ id }) => id === place.decision);
      expect((await patch(place, place.decision, edit)).json(RegisterEntry)).toEqual(before);
      expect((await summaryOf(place)).version).toBe(1);
    },
  );

  it("cannot be made of what is superseded", async () => {
    const place = await remember();
    await patch(place, place.decision, { text: "Launch on 10 May." });
    for (const edit of [{ text: "Never." }, { status: "open" }, { is_pinned: true }])
      expect((await patch(place, place.decision, edit)).problem()).toMatchObject({ status: 409, code: "conflict" });
    expect((await summaryOf(place)).version).toBe(2);
  });

  it("opens what a summary took for replaced, and the next summary has it again", async () => {
    const place = await remember();
    await ask(world, "update register_entries set status = 'superseded' where id = $1", [place.decision]);
    for (const edit of [{ is_pinned: true }, { text: "Never." }, { status: "done" }])
      expect((await patch(place, place.decision, edit)).problem()).toMatchObject({ status: 409, code: "conflict" });
    const opened = (await patch(place, place.decision, { status: "open", is_pinned: true })).json(RegisterEntry);
    expect(opened).toMatchObject({ id: place.decision, status: "open", is_pinned: true, superseded_by: null });
    expect(await summaryOf(place)).toMatchObject({
      version: 2,
      rendered: "Decisions:\n- Launch on 3 May.\n\nOpen questions:\n- Who pays?\n\nSo far:\nThey talked.",
      decisions: [{ entry_id: place.decision }],
    });
  });

  it("says how many entries a long register has beyond those that it reads", async () => {
    const place = await remember();
    await ask(
      world,
      `insert into register_entries (id, owner_id, room_id, session_id, kind, text, source_message_ids)
       select ('0190a000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, $1, $2, $3, 'fact', 'Fact ' || i || '.', '{}' from generate_series(1, 3000) i`,
      [place.user.id, place.roomId, place.sessionId],
    );
    await patch(place, place.question, { status: "done" });
    const [read = ""] = await ask(
      world,
      `select jsonb_array_length(r->'entries')::text, r->'open_counts' from pantheon_load_unsummarized($1, 0, 0) r`,
      [place.sessionId],
    );
    expect(read).toEqual(["129", '{"fact": 3000, "action": 0, "decision": 1, "question": 0}']);
    const { rendered, key_facts } = await summaryOf(place);
    expect(rendered).toContain(`Fact 1.\n`);
    expect(rendered).toContain(`Fact 3000.\n(${3000 - key_facts.length} more in the register only.)`);
  });

  it("takes one read and one write", async () => {
    const place = await remember();
    world.sqlTrips();
    await patch(place, place.decision, { text: "Launch on 10 May." });
    expect(world.sqlTrips()).toBe(2);
  });
});

describe("a change of an entry", () => {
  it.each([
    ["nothing", {}, ""],
    ["an unknown field", { status: "done", kind: "fact" }, "/kind"],
    ["a status that only a correction gives", { status: "superseded" }, "/status"],
    ["blank words", { text: " \n " }, "/text"],
    ["too many words", { text: "x".repeat(1001) }, "/text"],
    ["words with NUL", { text: "a\0b" }, "/text"],
    ["a pin that is none", { is_pinned: "yes" }, "/is_pinned"],
  ])("is refused for %s", async (_, body, pointer) => {
    const place = await remember();
    const problem = (await patch(place, place.decision, body)).problem();
    expect(problem).toMatchObject({ status: 422, code: "validation_failed", errors: [{ pointer }] });
  });

  it("is nobody else's, and none of an entry that is not there or whose session is gone", async () => {
    const place = await remember();
    const stranger = { ...place, user: await world.signUp() };
    await world.request("get", "/auth/me", { token: stranger.user.token });
    const answers = [
      await patch(stranger, place.decision, { status: "done" }),
      await patch(place, nobodysId(), { status: "done" }),
    ];
    await world.request("delete", `/rooms/${place.roomId}/sessions/${place.sessionId}`, { token: place.user.token });
    answers.push(await patch(place, place.decision, { status: "done" }));
    for (const answer of answers) expect(answer.problem()).toMatchObject({ status: 404, code: "not_found" });
    expect(await ask(world, "select status from register_entries where id = $1", [place.decision])).toEqual([["open"]]);
  });

  it("needs a key that may write sessions", async () => {
    const place = await remember();
    const body = { name: "k", scopes: ["sessions:read", "turns:write"] };
    const made = await world.request("post", "/api_keys", { token: place.user.token, body });
    const token = made.json(CreatedApiKey).secret;
    const sent = { token, body: { status: "done" } };
    expect((await world.request("patch", `/register_entries/${place.decision}`, sent)).problem()).toMatchObject({
      code: "forbidden",
    });
    expect((await world.request("get", `/sessions/${place.sessionId}/register`, { token })).status).toBe(200);
  });
});
