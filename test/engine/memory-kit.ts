import * as z from "zod";
import { listOf } from "../../src/contract/lists.ts";
import { RegisterEntry } from "../../src/contract/memory.ts";
import { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { type Bench, stepOf } from "./engine-bench.ts";
import { chatRequests, messagesOf } from "./engine-kit.ts";

/** What only the system message of a summary says. */
export const minutes = "You keep the minutes";

const emptyLists = { key_facts: [], decisions: [], open_questions: [], action_items: [], resolved: [] };

/** What a model answers that sums up. */
export function summaryReply(text: string, lists: Partial<Record<keyof typeof emptyLists, readonly object[]>> = {}) {
  return { json: { text, ...emptyLists, ...lists }, system_contains: minutes, times: "always" } as const;
}

/** As long as its words are, whatever the product would count. */
function tokensOf(text: string) {
  return { tokens: Math.max(1, Math.ceil((text.length / 4) * 1.25)), token_class: "prose" };
}

/** Whole turns of a past, in these words: the user's, then those of the agent ada. */
export async function plantTurns(bench: Bench, room: Furnished, turns: readonly (readonly string[])[]): Promise<void> {
  const said = turns.map((texts) => texts.map((text) => ({ text, ...tokensOf(text) })));
  const ids = [room.user.id, room.room.id, room.session.id];
  await bench.write(
    `with first as (select turn_count as turns from sessions where id = $3), made as (
       insert into turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, pending_steps, total_steps)
       select gen_random_uuid(), $1, $2, $3, first.turns + i, 'completed', false, 'roundtable', 1, '{}', '{}', 0, 1
       from first, generate_series(1, jsonb_array_length($4::jsonb)) i returning id, turn_index)
     insert into messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name, text, tokens, token_class)
     select gen_random_uuid(), $1, $3, made.id, made.turn_index, m.place - 1, case m.place when 1 then 'user' else 'agent' end,
       case when m.place > 1 then 'ada' end, case when m.place > 1 then 'ADA' end, m.said->>'text', (m.said->>'tokens')::int, m.said->>'token_class'
     from made, first, jsonb_array_elements($4::jsonb->(made.turn_index - first.turns - 1)) with ordinality as m(said, place)`,
    [...ids, JSON.stringify(said)],
  );
  await bench.write("update sessions set turn_count = turn_count + $2::int where id = $1", [
    room.session.id,
    String(turns.length),
  ]);
}

/** Words that stand in the past with so many tokens. */
export function wordsOf(tokens: number): string {
  const words = "word ".repeat(tokens);
  return words.slice(0, Math.floor((words.length * tokens) / tokensOf(words).tokens));
}

/** As many turns as a summary is due after, but the one that is still to come. */
export const sevenTurns = [1, 2, 3, 4, 5, 6, 7].map((index) => [`Question ${index}?`, `Answer ${index}.`]);

/** A session in which a summary has just become due; its message is held back. */
export async function talkUntilDue(bench: Bench, room: Furnished): Promise<void> {
  await plantTurns(bench, room, sevenTurns);
  await bench.deliver(await room.send("Question 8?"), 0);
}

export async function readTurn(bench: Bench, { user }: Furnished, id: string): Promise<Turn> {
  return (await bench.request("get", `/turns/${id}`, { token: user.token })).json(Turn);
}

const Id = z.object({ id: z.string() });

/** The session's summaries that are turns of their own, the oldest first. */
export async function summaryTurns(bench: Bench, room: Furnished): Promise<readonly Turn[]> {
  const sql = "select id from turns where session_id = $1 and mode = 'summary' order by turn_index desc";
  const ids = await bench.rows(Id, sql, [room.session.id]);
  return Promise.all(ids.map(({ id }) => readTurn(bench, room, id)));
}

export async function onlySummaryTurn(bench: Bench, room: Furnished): Promise<Turn> {
  const [turn, ...others] = await summaryTurns(bench, room);
  if (turn === undefined || others.length > 0)
    throw new Error(`${others.length + 1} summaries where there is to be one`);
  return turn;
}

const Summary = z.object({
  version: z.number(),
  through: z.number(),
  made_at: z.number(),
  is_fallback: z.boolean(),
  text: z.string(),
  rendered: z.string(),
  cursor: z.object({ turn_index: z.number(), position: z.number(), offset: z.number() }).nullable(),
});

/** All versions of the session's summary, the first first. */
export function summaries(bench: Bench, { session }: Furnished) {
  const columns =
    "version, through_turn_index as through, made_at_turn_index as made_at, is_fallback, text, rendered, cursor";
  const sql = `select ${columns} from session_summaries where session_id = $1 order by version`;
  return bench.rows(Summary, sql, [session.id]);
}

/** Every line of the register, the newest first. */
export async function register(
  bench: Bench,
  { user, session }: Furnished,
  query = "",
): Promise<readonly RegisterEntry[]> {
  const answer = await bench.request("get", `/sessions/${session.id}/register?limit=100${query}`, {
    token: user.token,
  });
  return answer.json(listOf(RegisterEntry)).data;
}

export function summarize(bench: Bench, { user, session }: Furnished) {
  return bench.request("post", `/sessions/${session.id}/summaries`, { token: user.token });
}

/** What the model stand-in was asked to sum up since its last reset. */
export function summaryRequests(bench: Bench) {
  return chatRequests(bench).filter((request) => messagesOf(request)[0]?.content.includes(minutes));
}

/** Delivers the step until nothing of it is left: each delivery is one call, or none. */
export async function deliverAll(bench: Bench, room: Furnished, turn: Turn, index = 0): Promise<number> {
  for (let deliveries = 1; deliveries <= 40; deliveries += 1) {
    const { retryAfter } = await bench.deliver(turn, index);
    if (retryAfter !== null) await bench.pass(Number(retryAfter));
    const { status } = stepOf(await readTurn(bench, room, turn.id), index);
    if (status !== "ready" && status !== "running") return deliveries;
  }
  throw new Error(`step ${index} of turn ${turn.id} does not end`);
}

const Booked = z.object({
  purpose: z.string(),
  agent_key: z.string(),
  model_alias: z.string(),
  status: z.string(),
  charged: z.string().transform(BigInt),
  metered: z.string().transform(BigInt),
});

/** A turn's ledger rows, in the order in which the calls were booked. */
export function booked(bench: Bench, { id }: Pick<Turn, "id">) {
  return bench.rows(
    Booked,
    `select purpose, agent_key, model_alias, status, charged_units::text as charged, credit_units::text as metered
     from llm_call_events where turn_id = $1 order by attempt, ordinal`,
    [id],
  );
}
