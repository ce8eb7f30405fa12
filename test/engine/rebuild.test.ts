import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { ContextAudit } from "../../src/contract/context-audits.ts";
import { listOf } from "../../src/contract/lists.ts";
import { RegisterEntry, SessionSummary } from "../../src/contract/memory.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { rebuildTurn } from "../../src/local/postgres/rebuild.ts";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, messagesOf } from "./engine-kit.ts";
import { type PgliteBench, usePgliteBench } from "./pglite-bench.ts";
import { priceModel, useModel } from "./seed-turns.ts";

const opened = usePgliteBench();
let bench: PgliteBench["bench"];
let backend: PgliteBench["backend"];
beforeAll(async () => {
  ({ bench, backend } = opened());
  await priceModel(bench, "narrow-window", 4096);
  await priceModel(bench, "tiny-window", 2048);
});
beforeEach(() => bench.resetModel());

const settled = () => bench.cloud.standIns.qstash.core.settled();

const outcomes = async ({ id }: { readonly id: string }) =>
  (await rebuildTurn(backend, id))?.map(({ outcome }) => outcome);

async function summarizeNow({ user, session }: Furnished): Promise<string> {
  const answer = await bench.request("post", `/sessions/${session.id}/summaries`, {
    token: user.token,
    headers: { prefer: "wait=20" },
  });
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"status":"completed"')]);
  return z.object({ id: z.string() }).parse(JSON.parse(answer.text)).id;
}

describe("a prompt", () => {
  it("is rebuilt to the last byte, of every call, whatever happened to the session since", async () => {
    const room = await bench.furnish(["ada", "bob"]);
    const turns: Turn[] = [];
    for (let index = 1; index <= 3; index += 1)
      turns.push(await room.finish(await room.send(`This is turn ${index}.`)));
    const sent = chatRequests(bench).map((request) => messagesOf(request));
    await summarizeNow(room);
    turns.push(await room.finish(await room.send("@ada And now?", { mode: "manual" })));
    for (const turn of turns) {
      const calls = (await rebuildTurn(backend, turn.id)) ?? [];
      expect(calls.map(({ outcome }) => outcome)).toEqual(turn.steps.map(() => "matches"));
      expect(calls.every(({ detail }) => /^[0-9a-f]{64}$/.test(detail))).toBe(true);
    }
    expect((await rebuildTurn(backend, turns[0]?.id ?? ""))?.map(({ prompt }) => prompt)).toEqual(sent.slice(0, 2));
  });

  async function rulesOf({ user }: Furnished, turns: readonly Turn[]): Promise<readonly string[]> {
    const rules = new Set<string>();
    for (const turn of turns) {
      expect(new Set(await outcomes(turn))).toEqual(new Set(["matches"]));
      const answer = await bench.request("get", `/turns/${turn.id}/context`, { token: user.token });
      const { data } = answer.json(z.object({ data: z.array(ContextAudit) }));
      for (const { rule } of data.flatMap(({ messages_out }) => messages_out)) rules.add(rule);
    }
    return [...rules];
  }

  it("of a long session in a narrow window is rebuilt, with the summary that stood in it", async () => {
    const room = await bench.furnish(["ada"]);
    await useModel(bench, room, "ada", "narrow-window");
    bench.cloud.standIns.openRouter.setScript([
      { text: "reply ".repeat(120), system_contains: "You are ADA", times: "always" },
    ]);
    const turns: Turn[] = [];
    for (let index = 1; index <= 12; index += 1) {
      turns.push(await room.finish(await room.send(`question ${index}.`)));
      await settled();
      const pinned = turns[0]?.message?.id;
      if (index === 1) await bench.request("put", `/messages/${pinned}/pin`, { token: room.user.token });
    }
    expect(await rulesOf(room, turns)).toContain("replaced_by_summary");
    const last = await bench.request("get", `/turns/${turns.at(-1)?.id}/context`, { token: room.user.token });
    const call = last.json(z.object({ data: z.array(ContextAudit) })).data.at(-1);
    const isIn = (index: number) => call?.messages_in.some((id) => id === turns[index - 1]?.message?.id);
    expect([1, 2, 12].map(isIn)).toEqual([true, false, true]);
  });

  it("with shortened words of others is rebuilt from its cuts", async () => {
    const room = await bench.furnish(["ada", "bob", "cyd"]);
    await useModel(bench, room, "cyd", "tiny-window");
    const text = "alpha 😀 ".repeat(200);
    bench.cloud.standIns.openRouter.setScript([{ text, times: "always" }]);
    const turn = await room.finish(await room.send("Go"));
    expect(await rulesOf(room, [turn])).toEqual(["shortened_carry"]);
  });

  it.each(["orchestrator", "council", "debate"])(
    "of every purpose is rebuilt in a turn of the mode %s",
    async (mode) => {
      const room = await bench.furnish(["ada", "bob", "cyd"]);
      const turn = await room.finish(await room.send("Which hall?", { mode }));
      expect(turn.status).toBe("completed");
      const calls = (await rebuildTurn(backend, turn.id)) ?? [];
      expect(calls.map(({ step, outcome }) => [step, outcome])).toEqual(
        turn.steps.map(({ index }) => [index, "matches"]),
      );
    },
  );

  it("of a summary is rebuilt from the pieces and the entries that it saw", async () => {
    const room = await bench.furnish(["ada"]);
    await room.finish(await room.send("Decision: we launch on 3 May. What does the hall cost?"));
    const first = await summarizeNow(room);
    const read = (path: string) =>
      bench.request("get", `/sessions/${room.session.id}/${path}`, { token: room.user.token });
    const { data: entries } = (await read("register")).json(listOf(RegisterEntry));
    expect(entries.length).toBeGreaterThan(0);
    await room.finish(await room.send("word ".repeat(20_000)));
    const second = await summarizeNow(room);
    for (const { id } of entries)
      await bench.request("patch", `/register_entries/${id}`, { token: room.user.token, body: { text: `Not ${id}` } });
    expect(await outcomes({ id: first })).toEqual(["matches"]);
    const chunks = await outcomes({ id: second });
    expect(chunks?.length).toBeGreaterThan(0);
    expect(new Set(chunks)).toEqual(new Set(["matches"]));
    expect((await read("summary")).json(SessionSummary).rendered).toContain("Not ");
  });

  it("begins with the user's correction in the very next call", async () => {
    const room = await bench.furnish(["ada"]);
    await room.finish(await room.send("Decision: we launch on 3 May."));
    await summarizeNow(room);
    const register = await bench.request("get", `/sessions/${room.session.id}/register`, { token: room.user.token });
    const [entry] = register.json(listOf(RegisterEntry)).data;
    await bench.request("patch", `/register_entries/${entry?.id}`, {
      token: room.user.token,
      body: { text: "We launch on 10 May." },
    });
    bench.resetModel();
    const turn = await room.finish(await room.send("When do we launch?"));
    expect(JSON.stringify(messagesOf(chatRequests(bench)[0]))).toContain("We launch on 10 May.");
    expect(await outcomes(turn)).toEqual(["matches"]);
  });

  it("that was never sent is not rebuilt", async () => {
    const room = await bench.furnish(["ada"]);
    await useModel(bench, room, "ada", "narrow-window");
    const sent = { token: room.user.token, body: { message: "too long ".repeat(3_000) } };
    const refusal = JSON.parse((await bench.request("post", `/sessions/${room.session.id}/turns`, sent)).text);
    expect(await outcomes({ id: z.object({ turn_id: z.string() }).parse(refusal).turn_id })).toEqual(["unsent"]);
  });

  it("is not the same when anything that went in was changed, or is gone", async () => {
    const room = await bench.furnish(["ada"]);
    const turn = await room.finish(await room.send("Hello"));
    const later = await room.finish(await room.send("Again"));
    await bench.write("update messages set text = text || '!' where turn_id = $1 and position = 0", [turn.id]);
    expect([await outcomes(turn), await outcomes(later)]).toEqual([["differs"], ["differs"]]);
    await bench.write("delete from messages where turn_id = $1", [turn.id]);
    expect(await rebuildTurn(backend, later.id)).toMatchObject([
      { outcome: "lost", detail: expect.stringContaining("is not there") },
    ]);
    expect(await rebuildTurn(backend, room.session.id)).toBeNull();
  });
});
