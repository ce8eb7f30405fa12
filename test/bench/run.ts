import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Arena, furnishSeats, openArena, post } from "./arena.ts";
import { type CouncilTimes, measureCouncils, modelTimes } from "./council.ts";
import { type Counts, startCounting } from "./counts.ts";
import { percentile, rounded } from "./figures.ts";
import { type FirstDeltas, measureFirstDeltas } from "./first-delta.ts";
import { type Load, runLoad } from "./load.ts";
import { minStartupMs } from "./startup-time.ts";

const { values } = parseArgs({
  options: { turns: { type: "string", default: "200" }, agents: { type: "string", default: "5" } },
});
const turns = Number(values.turns);
const agents = Number(values.agents);
const users = Math.min(10, turns);
const limitMs = 600_000;
const watchedTurns = 24;
/** Above it a reply does not seem to be spoken as it is made. */
const latestFirstDeltaMs = 150;
const councils = 3;
/** Answers, ballots and the last word are three; five would be one agent after the other. */
const maxModelTimes = 5;
/** The platform has a limit for start-up, and every import comes nearer to it. */
const maxStartupMs = 120;

const arena = await openArena();
try {
  const law = await countOneTurn(arena);
  const [load, counts] = await countLoad(arena);
  await arena.cloud.standIns.qstash.core.settled();
  const first = await measureFirstDeltas(arena, watchedTurns);
  const council = await measureCouncils(arena, councils);
  const startupMs = await minStartupMs();
  const broken = [
    ...brokenLaws(law),
    ...unfinishedOf(load),
    ...lateDeltas(first),
    ...slowCouncils(council),
    ...slowStartup(startupMs),
  ];
  report(arena, law, load, counts);
  reportFirst(first);
  reportCouncil(council);
  for (const sentence of broken) console.error(`broken: ${sentence}`);
  const figures = {
    ...toFigures(arena, law, load, counts),
    ...toFirstFigures(first),
    council_model_times: rounded(modelTimes(council)),
    startup_cpu_ms: startupMs === null ? null : rounded(startupMs, 1),
    broken_laws: broken.length,
  };
  console.log(JSON.stringify(figures));
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await arena.stop();
}

/** A turn on its own, so that nothing but its law decides what is counted. */
async function countOneTurn(arena: Arena): Promise<Counts> {
  const [seat] = await furnishSeats(arena, { users: 1, seats: 1, agents });
  if (seat === undefined) throw new Error("there is no session");
  const count = startCounting(arena);
  await post(arena, seat.token, `/sessions/${seat.sessionId}/turns`, { message: "Go ".repeat(2000) });
  const isOver = async () => (await arena.ask("select 1 from turns where finished_at is not null")).length === 1;
  while (!(await isOver())) await new Promise((resolve) => setTimeout(resolve, 20));
  await arena.cloud.standIns.qstash.core.settled();
  return count();
}

async function countLoad(arena: Arena): Promise<readonly [Load, Counts]> {
  const seats = await furnishSeats(arena, { users, seats: turns, agents });
  const count = startCounting(arena);
  const load = await runLoad(arena, seats, limitMs);
  return [load, count()];
}

function brokenLaws({ creates, claims, commits, otherSql, messages, longestMessageBytes }: Counts): readonly string[] {
  const laws: readonly (readonly [string, boolean])[] = [
    ["creating a turn takes at most 2 SQL round trips", creates === 1 && otherSql <= 1],
    [`${agents} agents take at most ${2 * agents} SQL round trips`, claims + commits <= 2 * agents],
    [`${agents} agents take ${agents} messages`, messages === agents],
    ["a message has at most 200 bytes", longestMessageBytes <= 200],
  ];
  return laws.flatMap(([law, holds]) => (holds ? [] : [law]));
}

function unfinishedOf({ unfinished, statusCounts }: Load): readonly string[] {
  const completed = statusCounts.completed ?? 0;
  return unfinished === 0 && completed === turns + 1 ? [] : [`every turn completes: ${JSON.stringify(statusCounts)}`];
}

function lateDeltas({ ms, missed }: FirstDeltas): readonly string[] {
  const isInTime = missed === 0 && percentile(ms, 0.5) < latestFirstDeltaMs;
  return isInTime ? [] : [`a reply's first words are at its watcher in less than ${latestFirstDeltaMs} ms`];
}

function slowCouncils(council: CouncilTimes): readonly string[] {
  const isInTime = council.turnMs.length === councils && modelTimes(council) <= maxModelTimes;
  return isInTime ? [] : [`a council takes at most ${maxModelTimes} times as long as one reply`];
}

function slowStartup(startupMs: number | null): readonly string[] {
  const isInTime = startupMs === null || (startupMs > 0 && startupMs <= maxStartupMs);
  return isInTime ? [] : [`the Worker starts in at most ${maxStartupMs} ms of processor time: ${startupMs}`];
}

function toFirstFigures({ ms, missed }: FirstDeltas) {
  return {
    first_delta_turns: ms.length + missed,
    first_delta_ms_p50: rounded(percentile(ms, 0.5)),
    first_delta_ms_p95: rounded(percentile(ms, 0.95)),
    first_deltas_missed: missed,
  };
}

function toFigures({ database }: Arena, law: Counts, load: Load, counts: Counts) {
  const seconds = load.elapsedMs / 1000;
  const steps = turns * agents;
  return {
    turns,
    agents,
    database,
    cores: availableParallelism(),
    finished: load.turnMs.length - 1,
    seconds: rounded(seconds),
    turns_per_second: rounded(turns / seconds),
    steps_per_second: rounded(steps / seconds),
    create_ms_p50: rounded(percentile(load.createMs, 0.5), 0),
    create_ms_p95: rounded(percentile(load.createMs, 0.95), 0),
    turn_ms_p50: rounded(percentile(load.turnMs, 0.5), 0),
    turn_ms_p95: rounded(percentile(load.turnMs, 0.95), 0),
    sql_per_create: law.creates + law.otherSql,
    sql_per_step: rounded((law.claims + law.commits) / agents),
    messages_per_step: rounded(law.messages / agents),
    longest_message_bytes: law.longestMessageBytes,
    sql_per_step_under_load: rounded((counts.claims + counts.commits) / steps),
    messages_per_step_under_load: rounded(counts.messages / steps),
    deliveries_per_step_under_load: rounded(counts.deliveries / steps),
    model_calls_per_step_under_load: rounded(counts.modelCalls / steps, 3),
  };
}

function report(arena: Arena, law: Counts, load: Load, counts: Counts): void {
  const figures = toFigures(arena, law, load, counts);
  console.log(`One turn of ${agents} agents: ${figures.sql_per_create} SQL to create, ${figures.sql_per_step} SQL and`);
  console.log(
    `${figures.messages_per_step} messages for each step, at most ${figures.longest_message_bytes} bytes each.`,
  );
  console.log(`${turns} turns of ${agents} agents at once on ${figures.cores} cores over ${figures.database}:`);
  console.log(`${figures.seconds} s, ${figures.turns_per_second} turns/s, ${figures.steps_per_second} steps/s;`);
  console.log(`creating p50 ${figures.create_ms_p50} ms, p95 ${figures.create_ms_p95} ms;`);
  console.log(`a turn p50 ${figures.turn_ms_p50} ms, p95 ${figures.turn_ms_p95} ms.`);
}

function reportFirst(first: FirstDeltas): void {
  const { first_delta_turns: watched, first_delta_ms_p50: p50, first_delta_ms_p95: p95 } = toFirstFigures(first);
  console.log(`The first words of ${watched} replies were at their watchers after ${p50} ms (p50), ${p95} ms (p95).`);
}

function reportCouncil(council: CouncilTimes): void {
  const [turnMs, modelMs] = [percentile(council.turnMs, 0.5), council.modelMs].map((ms) => rounded(ms, 0));
  console.log(
    `A council of 5 takes ${turnMs} ms where one reply takes ${modelMs} ms: ${rounded(modelTimes(council))} times.`,
  );
}
