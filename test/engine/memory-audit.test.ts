import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { ContextAudit } from "../../src/contract/context-audits.ts";
import { listOf } from "../../src/contract/lists.ts";
import { isOver, Turn } from "../../src/contract/turns.ts";
import { rebuildTurn } from "../../src/local/postgres/rebuild.ts";
import type { Furnished } from "../support/engine.ts";
import { moveMoney } from "../support/seed-money.ts";
import { type Bench, openBench } from "./engine-bench.ts";
import { register, summaries, summarize } from "./memory-kit.ts";
import { priceModel, useModel } from "./seed-turns.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  await priceModel(bench, "narrow-window", 4096);
  await priceModel(bench, "small-window", 8192);
});
afterAll(() => bench?.stop());

const settled = () => bench.cloud.standIns.qstash.core.settled();

/** Always the same numbers: what fails once fails again. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Draw = ReturnType<typeof numbersFrom>;

/** What a user may do to a session: speak in any mode and at any length, be refused, pin, correct, have it summed up. */
async function actAtRandom(room: Furnished, index: number, draw: Draw): Promise<readonly Turn[]> {
  const { token } = room.user;
  const post = (body: object) => bench.request("post", `/sessions/${room.session.id}/turns`, { token, body });
  const words = `Point ${index}. ${"Weigh this & <that>, 日本. ".repeat(draw(16))}`;
  switch (draw(14)) {
    case 0:
      await post({ message: "too long ".repeat(4_000) });
      return [];
    case 1:
      await pinSomething(room, draw);
      return [];
    case 2:
      await correctSomething(room, draw);
      return [];
    case 3:
      if (index % 2 === 0) await summarize(bench, room);
      await settled();
      return [];
    case 4:
      return turnOf(room, `@bob ${words}`, { mode: "manual" });
    case 5:
      return turnOf(room, words, { mode: draw(2) === 0 ? "orchestrator" : "council" });
    case 6:
      bench.cloud.standIns.openRouter.setFaults({ bad_request: { fail_next: 1, skip: draw(2) } });
      return turnOf(room, words, {});
    default:
      return turnOf(room, `Decision: point ${index} is so. ${words}`, {});
  }
}

/** None where it was refused, since too much was pinned for it. */
async function turnOf(room: Furnished, message: string, turn: object): Promise<readonly Turn[]> {
  const sent = { token: room.user.token, body: { message, ...turn } };
  const answer = await bench.request("post", `/sessions/${room.session.id}/turns`, sent);
  if (answer.status === 422) return [];
  if (answer.status !== 202) throw new Error(answer.text);
  const over = await room.finish(answer.json(Turn));
  bench.resetModel();
  if (!isOver(over.status)) throw new Error(`turn ${over.turn_index} is ${over.status}`);
  await settled();
  return [over];
}

async function pinSomething({ user, session }: Furnished, draw: Draw): Promise<void> {
  const list = await bench.request("get", `/sessions/${session.id}/messages?limit=100`, { token: user.token });
  const said = list.json(listOf(z.looseObject({ id: z.string() }))).data;
  const one = said[draw(Math.max(1, said.length))];
  if (one !== undefined)
    await bench.request(draw(2) === 0 ? "delete" : "put", `/messages/${one.id}/pin`, { token: user.token });
}

async function correctSomething(room: Furnished, draw: Draw): Promise<void> {
  const open = await register(bench, room, "&status=open");
  const entry = open[draw(Math.max(1, open.length))];
  const body = draw(2) === 0 ? { status: "done" } : { text: `Not so, but ${draw(1000)}.` };
  if (entry !== undefined)
    await bench.request("patch", `/register_entries/${entry.id}`, { token: room.user.token, body });
}

async function auditOf({ user }: Furnished, { id }: Turn): Promise<readonly ContextAudit[]> {
  const answer = await bench.request("get", `/turns/${id}/context`, { token: user.token });
  return answer.json(z.object({ data: z.array(ContextAudit) })).data;
}

/** In, cut, or in a range that was not read: each message before the turn is one of these, once; a shortened one is in. */
async function accountsForAll(room: Furnished, turn: Turn, audit: ContextAudit): Promise<void> {
  const others = await idsOf("turn_id = $1", "messages", [turn.id]);
  const summed = await idsOf("session_id = $1", "session_summaries", [room.session.id]);
  const out = audit.messages_out.filter(({ kept_characters }) => kept_characters === undefined);
  const told = [...audit.messages_in, ...out.map(({ message_id }) => message_id)];
  const ofHistory = told.filter((id) => !others.includes(id) && !summed.includes(id));
  const said = "session_id = $1 and turn_index < $2::int and is_in_history and (private_to is null or private_to = $3)";
  const before = await idsOf(said, "messages", [room.session.id, String(turn.turn_index), audit.agent_key]);
  expect(audit.is_truncated).toBe(false);
  expect(ofHistory.toSorted()).toEqual(before.toSorted());
}

async function idsOf(condition: string, table: "messages" | "session_summaries", params: readonly string[]) {
  const sql = `select id from ${table} where ${condition}`;
  return (await bench.rows(z.object({ id: z.string() }), sql, params)).map(({ id }) => id);
}

interface Accounts {
  readonly calls: number;
  readonly cutsByRule: ReadonlyMap<string, number>;
}

/** Of every call that was made in a turn, but those that sum up. */
async function accountsOf(room: Furnished, turns: readonly Turn[]): Promise<Accounts> {
  const cutsByRule = new Map<string, number>();
  let calls = 0;
  for (const turn of turns) {
    const audits = (await auditOf(room, turn)).filter(({ purpose }) => purpose !== "summarize");
    for (const audit of audits) {
      await accountsForAll(room, turn, audit);
      for (const { rule } of audit.messages_out) cutsByRule.set(rule, (cutsByRule.get(rule) ?? 0) + 1);
    }
    calls += audits.length;
  }
  return { calls, cutsByRule };
}

async function rich(room: Furnished): Promise<Furnished> {
  const grant = { key: randomUUID(), reason: "signup_grant", units: 10n ** 15n, at: "2026-11-21T12:00:00Z" };
  await moveMoney(bench.backend, room.user, grant);
  return room;
}

describe("the audit of a long session at random", () => {
  it.each([15])(
    "accounts for every message before each call, and every prompt is rebuilt from it: seed %i",
    async (seed) => {
      const draw = numbersFrom(seed);
      const room = await rich(await bench.furnish(["ada", "bob", "cyd"], { manager_model_alias: "small-window" }));
      await useModel(bench, room, "ada", "small-window");
      await useModel(bench, room, "bob", "narrow-window");
      const turns: Turn[] = [];
      for (let index = 0; index < 32; index += 1) turns.push(...(await actAtRandom(room, index, draw)));
      for (const turn of turns) {
        const rebuilt = (await rebuildTurn(bench.backend, turn.id)) ?? [];
        expect(rebuilt.filter(({ outcome }) => outcome !== "matches" && outcome !== "unsent")).toEqual([]);
      }
      const { calls, cutsByRule } = await accountsOf(room, turns);
      const versions = (await summaries(bench, room)).length;
      console.log(
        JSON.stringify({ seed, turns: turns.length, calls, versions, left_out: Object.fromEntries(cutsByRule) }),
      );
      expect([calls > 50, versions > 2]).toEqual([true, true]);
      expect([...cutsByRule.keys()]).toContain("replaced_by_summary");
    },
  );
});
