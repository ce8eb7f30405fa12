import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, messagesOf, promptOf, useBench } from "./engine-kit.ts";
import { onlySummaryTurn } from "./memory-kit.ts";
import { priceModel, seedTurns, useModel } from "./seed-turns.ts";

const bench = useBench();
beforeAll(() => priceModel(bench(), "small-window", 8192));

/** As if every eight turns had been summed up, each summary as long as one can be, with three lines for the register. */
async function seedSummaries({ user, room, session }: Furnished, turns: number): Promise<void> {
  const ids = [user.id, session.id, String(turns)];
  await bench().write(
    `insert into session_summaries (id, owner_id, session_id, version, through_turn_index, made_at_turn_index, text, items, rendered, tokens,
       token_class, is_fallback, open_counts)
     select gen_random_uuid(), $1, $2, v, greatest(1, $3::int - 12 - 8 * ($3::int / 8 - 1 - v)), $3::int - 8 * ($3::int / 8 - v), 'So far.', '{}', repeat('It was so, and not otherwise.' || chr(10), 390),
       3400, 'prose', false, jsonb_build_object('decision', 0, 'question', 0, 'action', 0, 'fact', 3 * v) from generate_series(1, $3::int / 8 - 1) v`,
    ids,
  );
  await bench().write(
    `insert into register_entries (id, owner_id, room_id, session_id, kind, text, source_message_ids)
     select gen_random_uuid(), $1, $4, $2, 'fact', 'Fact ' || i || ' of many.', '{}' from generate_series(1, 3 * ($3::int / 8 - 1)) i`,
    [...ids, room.id],
  );
  await bench().backend.run({ sql: "analyze" });
}

const Rows = z.record(z.string(), z.number());
type Rows = z.infer<typeof Rows>;

/** Rows that Postgres has read of each table so far. */
async function rowsRead(): Promise<Rows> {
  await bench().backend.run({ sql: "select pg_stat_force_next_flush()" });
  const sql = `select json_object_agg(relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables
    where relname in ('messages', 'turns', 'turn_steps', 'session_summaries', 'register_entries', 'turn_events', 'turn_context_audit')`;
  return Rows.parse(JSON.parse((await bench().backend.run({ sql })).rows[0]?.[0] ?? "{}"));
}

async function rowsReadBy(act: () => Promise<unknown>): Promise<Rows> {
  const before = await rowsRead();
  await act();
  const after = await rowsRead();
  return Object.fromEntries(Object.entries(after).map(([table, rows]) => [table, rows - (before[table] ?? 0)]));
}

const Window = z.object({ messages: z.number() });

/** How many messages a step is given, as the claim hands them over. */
async function windowOf(turn: { readonly turn_index: number }, sessionId: string) {
  const [window] = await bench().rows(
    Window,
    "select jsonb_array_length(pantheon_window($1, $2::int, 5530, 4)->'messages') as messages",
    [sessionId, String(turn.turn_index)],
  );
  if (window === undefined) throw new Error("the session is not there");
  return window;
}

async function measure(turns: number) {
  bench().resetModel();
  await bench().holdQueue();
  const room = await bench().furnish(["ada"]);
  await useModel(bench(), room, "ada", "small-window");
  await seedTurns(bench(), room, { turns: turns - 1, replies: 3, length: 80 });
  await seedSummaries(room, turns);
  bench().sqlTrips();
  const created: Awaited<ReturnType<Furnished["send"]>>[] = [];
  const creating = await rowsReadBy(async () => created.push(await room.send("Go")));
  const [turn] = created;
  if (turn === undefined) throw new Error("no turn was made");
  const createTrips = bench().sqlTrips();
  const window = await windowOf(turn, room.session.id);
  bench().sqlTrips();
  const stepping = await rowsReadBy(() => bench().deliver(turn, 0));
  const stepTrips = bench().sqlTrips();
  const request = chatRequests(bench()).at(-1);
  const summary = await onlySummaryTurn(bench(), room);
  const summarizing = await rowsReadBy(() => bench().deliver(summary, 0));
  return {
    index: turn.turn_index,
    purposes: turn.steps.map(({ purpose }) => purpose),
    trips: [createTrips, stepTrips],
    creating,
    stepping,
    summarizing,
    messages: window.messages,
    promptBytes: Buffer.byteLength(promptOf(request)) + Buffer.byteLength(messagesOf(request)[0]?.content ?? ""),
  };
}

/** The first and the last 64 of the only kind that there is, found by the index and read; and what the summary adds. */
const maxEntriesRead = 300;

const sumOf = (rows: Rows) => Object.values(rows).reduce((sum, count) => sum + count, 0);

describe("turn 2,000 of a session", () => {
  it("costs at most 1.2 times what turn 20 does: rows, round trips, messages and bytes of the prompt", async () => {
    // The long session first, so that the tables are no smaller for the short one.
    const long = await measure(2000);
    const short = await measure(20);
    console.log(JSON.stringify({ long, short }));
    expect([short.index, long.index]).toEqual([20, 2000]);
    expect([long.purposes, long.trips]).toEqual([["agent"], [2, 2]]);
    expect([long.messages, long.promptBytes]).toEqual([short.messages, expect.closeTo(short.promptBytes, -2)]);
    expect(sumOf(long.creating)).toBeLessThanOrEqual(1.2 * sumOf(short.creating));
    expect(sumOf(long.stepping)).toBeLessThanOrEqual(1.2 * sumOf(short.stepping));
    expect(long.summarizing.messages).toBeLessThanOrEqual(1.2 * (short.summarizing.messages ?? 0));
    expect(long.summarizing.register_entries).toBeLessThanOrEqual(maxEntriesRead);
    expect(long.summarizing.session_summaries).toBeLessThanOrEqual(1.2 * (short.summarizing.session_summaries ?? 0));
  });
});

describe("a session of small messages that nothing has summed up", () => {
  it("gives a step no more than 4,000 of them, and the next turn is summed up first", async () => {
    await bench().holdQueue();
    const room = await bench().furnish(["ada"]);
    await seedTurns(bench(), room, { turns: 1100, replies: 3, length: 1 });
    const [read] = await bench().rows(
      z.object({ from: z.number(), messages: z.number() }),
      `select (w->'reads_from_turn_index')::int as from, jsonb_array_length(w->'messages') as messages
       from pantheon_window($1, 1101, 1000000, 4) w`,
      [room.session.id],
    );
    expect(read).toEqual({ from: 101, messages: 4000 });
    expect((await room.send("Go")).steps.map(({ purpose }) => purpose)).toEqual(["summarize", "agent"]);
  });
});
