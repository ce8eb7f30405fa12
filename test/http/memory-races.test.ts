import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { RegisterEntry, SessionSummary } from "../../src/contract/memory.ts";
import { Turn } from "../../src/contract/turns.ts";
import { type Answer, type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { ask, furnish, type Place, plantSummary, plantTurn } from "./memory-kit.ts";

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted();

describe.each(databaseKinds)("at the same moment on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  beforeAll(async () => {
    if (!isMissing) world = await openApiWorld({ database: await open() });
  });
  afterAll(() => world?.stop());

  const patch = ({ user }: Place, id: string, body: object) =>
    world.request("patch", `/register_entries/${id}`, { token: user.token, body });
  const sumUp = ({ user, sessionId }: Place, headers: Readonly<Record<string, string>> = {}) =>
    world.request("post", `/sessions/${sessionId}/summaries`, { token: user.token, headers });
  const read = ({ user, sessionId }: Place, path: string) =>
    world.request("get", `/sessions/${sessionId}/${path}`, { token: user.token });
  const summaryTurns = ({ sessionId }: Place) =>
    ask(world, "select id from turns where session_id = $1 and mode = 'summary'", [sessionId]);
  const isHeldOnce = ({ user }: Place) =>
    ask(
      world,
      "select count(*), (select count(*) from outbox where owner_id = $1) from holds where owner_id = $1 and is_open",
      [user.id],
    );

  async function remember() {
    const place = await furnish(world);
    await plantTurn(world, place, { index: 1, texts: ["When?", "On 3 May."] });
    const entries = [
      { kind: "decision", text: "Launch on 3 May." },
      { kind: "question", text: "Who pays?" },
    ] as const;
    const { entryIds } = await plantSummary(world, place, { text: "They talked.", entries });
    return { place, decision: entryIds[0] ?? "", question: entryIds[1] ?? "" };
  }

  it.skipIf(isMissing)("corrections all count, and the summary shows them all", async () => {
    const { place, decision, question } = await remember();
    const answers = await Promise.all([
      patch(place, decision, { text: "Launch on 10 May." }),
      patch(place, question, { status: "done" }),
      patch(place, question, { is_pinned: true }),
    ]);
    expect(statuses(answers)).toEqual([200, 200, 200]);
    const entries = (await read(place, "register")).json(listOf(RegisterEntry)).data;
    expect(entries.find(({ id }) => id === question)).toMatchObject({ status: "done", is_pinned: true });
    expect(entries.find(({ id }) => id === decision)?.status).toBe("superseded");
    expect((await read(place, "summary")).json(SessionSummary)).toMatchObject({
      version: 4,
      rendered: "Decisions:\n- Launch on 10 May.\n\nSo far:\nThey talked.",
    });
  });

  it.skipIf(isMissing)("one of two corrections of an entry wins", async () => {
    const { place, decision } = await remember();
    const texts = ["Launch on 10 May.", "Launch on 17 May."];
    const answers = await Promise.all(texts.map((text) => patch(place, decision, { text })));
    expect(statuses(answers)).toEqual([200, 409]);
    const entries = (await read(place, "register?kind=decision&status=open")).json(listOf(RegisterEntry)).data;
    expect(entries).toHaveLength(1);
    expect((await read(place, "summary")).json(SessionSummary).decisions.map(({ text }) => text)).toEqual([
      entries[0]?.text,
    ]);
  });

  it.skipIf(isMissing)("a summary is begun once, and everybody is told of it", async () => {
    const place = await furnish(world);
    await plantTurn(world, place, { index: 1, texts: ["When?", "On 3 May."] });
    const answers = await Promise.all(Array.from({ length: 6 }, () => sumUp(place)));
    expect(statuses(answers)).toEqual(Array(6).fill(202));
    expect(new Set(answers.map((answer) => answer.json(Turn).id)).size).toBe(1);
    expect(await summaryTurns(place)).toHaveLength(1);
    expect(await isHeldOnce(place)).toEqual([["1", "1"]]);
  });

  it.skipIf(isMissing)("a summary with an Idempotency-Key is answered with one text", async () => {
    const place = await furnish(world);
    await plantTurn(world, place, { index: 1, texts: ["When?", "On 3 May."] });
    const once = { "idempotency-key": "at once" };
    const answers = await Promise.all(Array.from({ length: 6 }, () => sumUp(place, once)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await summaryTurns(place)).toHaveLength(1);
    expect(await isHeldOnce(place)).toEqual([["1", "1"]]);
  });
});
