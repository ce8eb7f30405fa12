import * as z from "zod";
import { isOver, Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import type { Bench } from "./engine-bench.ts";
import { type chatRequests, messagesOf } from "./engine-kit.ts";

export type ModelRequest = ReturnType<typeof chatRequests>[number];

const count = z.string().transform(Number);
const BookedCall = z.object({
  agent_key: z.string(),
  attempt: z.number(),
  status: z.string(),
  http_status: z.number().nullable(),
  generation_id: z.string().nullable(),
  is_estimated: z.boolean(),
  prompt: count,
  output: count,
});
export type BookedCall = z.infer<typeof BookedCall>;

/** A turn's ledger rows, each step's in the order in which its attempts made their calls. */
export function bookedCalls(bench: Bench, turn: Turn): Promise<readonly BookedCall[]> {
  return bench.rows(
    BookedCall,
    `select e.agent_key, e.attempt, e.status, e.http_status, e.generation_id, e.is_estimated, (e.fresh_tokens + e.cached_tokens)::text as prompt,
       e.output_tokens::text as output
     from llm_call_events e join turn_steps s on s.id = e.step_id where e.turn_id = $1 order by s.step_index, e.attempt, e.ordinal`,
    [turn.id],
  );
}

export function agentOf(request: ModelRequest): string {
  return /You are (\w+)\./.exec(messagesOf(request)[0]?.content ?? "")?.[1] ?? "nobody";
}

async function readTurn(bench: Bench, { user }: Furnished, { id }: Turn): Promise<Turn> {
  return (await bench.request("get", `/turns/${id}`, { token: user.token })).json(Turn);
}

/** Delivers what may run, as often as the queue is asked to come back, until the turn is over. */
export async function driveToEnd(bench: Bench, room: Furnished, turn: Turn): Promise<Turn> {
  for (let round = 0; round < 100; round += 1) {
    const now = await readTurn(bench, room, turn);
    if (isOver(now.status)) return now;
    const ready = now.steps.flatMap(({ status }, index) => (status === "ready" || status === "running" ? [index] : []));
    const delivered = await Promise.all(ready.map((index) => bench.deliver(now, index)));
    const waits = delivered.map(({ retryAfter }) => Number(retryAfter ?? 0));
    if (Math.max(0, ...waits) > 0) await bench.pass(Math.max(...waits));
  }
  throw new Error(`turn ${turn.id} does not end`);
}
