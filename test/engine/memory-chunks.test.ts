import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { messagesOf, useBench } from "./engine-kit.ts";
import {
  booked,
  deliverAll,
  plantTurns,
  summaries,
  summarize,
  summaryReply,
  summaryRequests,
  summaryTurns,
} from "./memory-kit.ts";
import { priceModel } from "./seed-turns.ts";

const bench = useBench();

beforeAll(async () => {
  await priceModel(bench(), "tiny-window", 2048);
  await priceModel(bench(), "small-window", 8192);
});
beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
  bench().cloud.standIns.openRouter.setScript([summaryReply("They spoke.")]);
});

const Piece = z.object({ messageId: z.string(), from: z.number(), to: z.number() });

/** What the calls of the session's summaries saw, in their order, by the audit. */
async function pieces({ session }: Furnished) {
  const rows = await bench().rows(
    z.object({ pieces: z.array(Piece) }),
    `select a.audit->'chunk'->'pieces' as pieces from turn_context_audit a join turns t on t.id = a.turn_id
     where t.session_id = $1 and a.step_index = -1 order by t.turn_index desc, a.attempt`,
    [session.id],
  );
  return rows.flatMap((row) => row.pieces);
}

/** The messages' words as the prompts showed them, piece after piece. */
function wordsShown(): string {
  const shown = summaryRequests(bench()).map((request) => messagesOf(request)[1]?.content ?? "");
  const quoted = shown.flatMap((prompt) => [
    ...prompt.matchAll(/^m\d+ \([^\n]*\):\n<message [^>]*>([^<]*)<\/message>/gmu),
  ]);
  return quoted.map((match) => (match[1] ?? "").replaceAll("&lt;", "<").replaceAll("&amp;", "&")).join("");
}

async function sumUpAll(room: Furnished): Promise<void> {
  for (let turns = 0; turns < 40; turns += 1) {
    const answer = await summarize(bench(), room);
    if (answer.status === 200) return;
    await deliverAll(bench(), room, answer.json(Turn));
  }
  throw new Error("there is always more to sum up");
}

async function isWithinItsHold(turn: Turn): Promise<void> {
  const rows = await booked(bench(), turn);
  const held = BigInt(await bench().count("select sum(units) from holds where turn_id = $1", [turn.id]));
  const metered = rows.reduce((sum, row) => sum + row.metered, 0n);
  const charged = rows.reduce((sum, row) => sum + row.charged, 0n);
  expect([charged, metered <= held, turn.status]).toEqual([metered, true, "completed"]);
}

// Every kind of character that a cut could break: of one, two and four bytes, and quotes that are escaped.
const longOf = (lines: number) =>
  Array.from({ length: lines }, (_, place) => `line ${place}: <b>Größe</b> & 日本 😀👩‍👩‍👧\n`).join("");

describe.each([
  ["tiny-window", 2048, 120],
  ["small-window", 8192, 1500],
])("a summary in several calls, of a model %s of %i tokens", (manager_model_alias, limit, lines) => {
  const long = longOf(lines);

  it("sees every code point of a message that is longer than any of them, once and in order, and pays no more than was held", async () => {
    const room = await bench().furnish(["ada"], { manager_model_alias });
    await plantTurns(bench(), room, [[long, "I see."]]);
    await sumUpAll(room);
    const seen = await pieces(room);
    const [first, last] = [seen[0]?.messageId, seen.at(-1)?.messageId];
    const ofLong = seen.filter(({ messageId }) => messageId === first);
    expect(ofLong.map(({ from }) => from)).toEqual([0, ...ofLong.slice(0, -1).map(({ to }) => to)]);
    expect([ofLong.length > 2, ofLong.at(-1)?.to]).toEqual([true, [...long].length]);
    expect(seen.filter(({ messageId }) => messageId === last)).toEqual([{ messageId: last, from: 0, to: 6 }]);
    expect(wordsShown()).toBe(`${long}I see.`);
    expect((await summaries(bench(), room)).at(-1)).toMatchObject({ through: 1, cursor: null });
    for (const turn of await summaryTurns(bench(), room)) await isWithinItsHold(turn);
  });

  it("sees every message of many turns, once and in order, and asks within its own limit", async () => {
    const room = await bench().furnish(["ada"], { manager_model_alias });
    const turns = Array.from({ length: Math.floor(limit / 130) }, (_, place) => [
      `Question ${place}?`,
      `Answer ${place}. ${"Well. ".repeat(40)}`,
    ]);
    await plantTurns(bench(), room, turns);
    await sumUpAll(room);
    expect(wordsShown()).toBe(turns.flat().join(""));
    const requests = summaryRequests(bench());
    expect(requests.length).toBeGreaterThan(1);
    for (const { usage } of requests) expect(usage?.prompt_tokens).toBeLessThanOrEqual(limit - Math.floor(limit / 5));
  });
});

describe("twenty thousand short messages", () => {
  it("are read as far as a call can show them, and no further", async () => {
    const room = await bench().furnish(["ada"], { manager_model_alias: "small-window" });
    await plantTurns(
      bench(),
      room,
      Array.from({ length: 20 }, () => Array.from({ length: 1000 }, () => "ok")),
    );
    const [row] = await bench().rows(
      z.object({ read: z.number(), has_more: z.boolean() }),
      `select jsonb_array_length(m->'messages') as read, (m->>'has_more')::boolean as has_more
       from pantheon_load_unsummarized($1, 20, 4 * 5530) as m`,
      [room.session.id],
    );
    expect(row?.has_more).toBe(true);
    await deliverAll(bench(), room, (await summarize(bench(), room)).json(Turn));
    const shown = (await pieces(room)).length / summaryRequests(bench()).length;
    expect(row?.read).toBeLessThan(4 * shown);
  });
});
