import { setTimeout as pause } from "node:timers/promises";
import { type Arena, post, type Seat } from "./arena.ts";

export interface Load {
  readonly createMs: readonly number[];
  readonly turnMs: readonly number[];
  readonly elapsedMs: number;
  readonly statusCounts: Readonly<Record<string, number>>;
  readonly unfinished: number;
}

const cronEveryMs = 10_000;
const lookEveryMs = 100;

/** One turn into every session at once, and what became of them; the cron runs beside them as it does in production. */
export async function runLoad(arena: Arena, seats: readonly Seat[], limitMs: number): Promise<Load> {
  const cron = setInterval(() => void arena.worker.dispatchScheduled().catch(() => undefined), cronEveryMs);
  const startedAt = performance.now();
  try {
    const createMs = await Promise.all(seats.map((seat) => begin(arena, seat)));
    while ((await countOpen(arena)) > 0 && performance.now() - startedAt < limitMs) await pause(lookEveryMs);
    const elapsedMs = performance.now() - startedAt;
    const statusCounts = Object.fromEntries(
      (await arena.ask("select status, count(*) from turns group by status")).map(([status, count]) => [
        status,
        Number(count),
      ]),
    );
    return { createMs, turnMs: await turnTimes(arena), elapsedMs, statusCounts, unfinished: await countOpen(arena) };
  } finally {
    clearInterval(cron);
  }
}

async function begin(arena: Arena, { token, sessionId }: Seat): Promise<number> {
  const startedAt = performance.now();
  await post(arena, token, `/sessions/${sessionId}/turns`, { message: "What should we do first, and why?" });
  return performance.now() - startedAt;
}

async function countOpen(arena: Arena): Promise<number> {
  const open = "select count(*) from turns where status in ('queued', 'running', 'paused')";
  return Number((await arena.ask(open))[0]?.[0]);
}

async function turnTimes(arena: Arena): Promise<readonly number[]> {
  const rows = await arena.ask(
    "select extract(epoch from finished_at - created_at) * 1000 from turns where finished_at is not null",
  );
  return rows.map(([ms]) => Number(ms));
}
