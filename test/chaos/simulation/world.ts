import { parseEnvironment } from "../../../src/compose/env.ts";
import { type Composed, compose } from "../../../src/compose.ts";
import { createDeliveryApp, createStepApp, deliveriesPath } from "../../../src/http/queue-app.ts";
import { createManualClock } from "../../../src/local/qstash/clock.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import { patientDeadlines } from "../../support/patient-deadlines.ts";
import type { ChaosDatabase, DatabaseFault } from "./chaos-database.ts";
import { createChaosQueue } from "./chaos-queue.ts";
import { choosePlot, type Plot } from "./plot.ts";
import { createRandom, type Random } from "./random.ts";
import { type Chronicle, createChronicle } from "./record.ts";
import { createSimulation, type Fates } from "./simulation.ts";
import { portsOf } from "./task-ports.ts";
import { chooseWeather, type Weather } from "./weather.ts";
import type { World } from "./world-shape.ts";

const seconds = { model: 20, deadline: 35, timeout: 45, lease: 60 };

/** From here on nothing goes wrong any more: what was begun must end. */
const calmAfterMs = 12 * 60_000;

export interface WorldOptions {
  readonly database: ChaosDatabase;
  readonly seed: string;
  readonly weather?: Weather | undefined;
  /** What is to be played in any case; the rest is drawn. */
  readonly plot?: Partial<Plot> | undefined;
}

const startMs = Date.parse("2026-03-02T00:00:00Z");

export function createWorld({ database, seed, weather: given, plot: wanted }: WorldOptions): World {
  const random = createRandom(seed);
  const plot = { ...choosePlot(random.fork("plot")), ...wanted };
  const weather = given ?? chooseWeather(random.fork("weather"));
  const chronicle = createChronicle();
  const clock = createManualClock();
  const isCalm = () => clock.now() >= calmAfterMs;
  const countFault = () => {
    chronicle.faults += 1;
  };
  const simulation = createSimulation({
    clock,
    random: random.fork("order"),
    fates: drawFates({ weather, chronicle, isCalm, random: random.fork("fates") }),
    trace: (line) => void chronicle.trace.push(`${(clock.now() / 1000).toFixed(1).padStart(7)} ${line}`),
  });
  const outages = drawOutages(random.fork("outages"), weather);
  const draws = random.fork("faults");
  const world: World = {
    weather,
    plot,
    chronicle,
    composed: composeOver(database, plot),
    database,
    simulation,
    queue: createChaosQueue(clock, {
      simulation: () => simulation,
      random: draws.fork("queue"),
      switches: weather.queue,
      stepTimeoutSeconds: seconds.timeout,
      retries: weather.retries,
      publishFaultRate: () => (isCalm() ? 0 : weather.publishRate),
      isDown: () => outages.queue.some((outage) => isIn(outage, clock.now())),
      onFault: countFault,
      openEntrypoint: (task) => async (request) => entrypointOf(request, portsOf(world, task)).fetch(request),
    }),
    random: {
      ids: random.fork("ids"),
      model: random.fork("model"),
      play: random.fork("play"),
      receiver: random.fork("receiver"),
    },
    moments: { onSummaryCall: () => undefined },
    now: () => new Date(startMs + clock.now()),
    isCalm,
    countFault,
    inDatabase(effect) {
      database.setTime(world.now());
      const isDown = outages.database.some((outage) => isIn(outage, clock.now()));
      const fault = isDown ? ({ kind: "reset" } as const) : isCalm() ? null : drawDatabaseFault(draws, weather);
      if (fault === null) return effect();
      countFault();
      chronicle.trace.push(`  the database will ${fault.kind}`);
      return database.underFault(fault, effect);
    },
  };
  return world;
}

function entrypointOf({ url }: Request, ports: Ports) {
  return new URL(url).pathname === deliveriesPath ? createDeliveryApp(ports) : createStepApp(ports);
}

interface FateOptions {
  readonly weather: Weather;
  readonly chronicle: Chronicle;
  readonly isCalm: () => boolean;
  readonly random: Random;
}

function drawFates({ weather, chronicle, isCalm, random }: FateOptions): Fates {
  const strikes = () => {
    const isStruck = !isCalm() && random.chance(weather.crashRate);
    if (isStruck) chronicle.crashes += 1;
    return isStruck;
  };
  return {
    before() {
      if (strikes()) return { kind: "crash" };
      if (isCalm() || !random.chance(weather.stallRate)) return { kind: "go" };
      chronicle.stalls += 1;
      return { kind: "stall", ms: random.between(1_000, seconds.lease * 2_000) };
    },
    after: () => (strikes() ? "crash" : "go"),
  };
}

function drawDatabaseFault(random: Random, { databaseRate }: Weather): DatabaseFault | null {
  if (!random.chance(databaseRate)) return null;
  const kind = random.pick(["refuse", "reset", "drop_answer", "drop_answer", "fail_after", "fail_after"] as const);
  if (kind !== "fail_after") return { kind };
  return { kind, statements: random.between(0, 4), code: random.pick(["57P01", "08006", "40P01", "40001", "55P03"]) };
}

interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

function drawOutages(random: Random, { databaseOutages, queueOutages }: Weather) {
  const draw = (count: number): readonly Outage[] =>
    Array.from({ length: count }, () => {
      const fromMs = random.between(0, calmAfterMs / 2);
      return { fromMs, toMs: fromMs + random.between(2_000, 150_000) };
    });
  return { database: draw(databaseOutages), queue: draw(queueOutages) };
}

function isIn({ fromMs, toMs }: Outage, atMs: number): boolean {
  return atMs >= fromMs && atMs < toMs;
}

/** The product as it is composed for real; only time, chance and the wires are the schedule's. */
function composeOver(database: ChaosDatabase, { context }: Plot): Composed {
  const nowhere = "http://127.0.0.1:9";
  const parsed = parseEnvironment({
    DATABASE_URL: database.connectionString,
    NEON_FETCH_ENDPOINT: database.fetchEndpoint,
    QSTASH_TOKEN: "unused",
    UPSTASH_REDIS_REST_URL: nowhere,
    UPSTASH_REDIS_REST_TOKEN: "unused",
    SUPABASE_URL: nowhere,
    SUPABASE_ANON_KEY: "unused",
    OPENROUTER_API_KEY: "unused",
    PUBLIC_BASE_URL: "http://127.0.0.1",
    TURN_RATE_PER_MINUTE: 1000,
    TURN_RATE_PER_HOUR: 1000,
    MODEL_TIMEOUT_SECONDS: seconds.model,
    STEP_DEADLINE_SECONDS: seconds.deadline,
    STEP_TIMEOUT_SECONDS: seconds.timeout,
    STEP_LEASE_SECONDS: seconds.lease,
    CONTEXT_MAX_OUTPUT_TOKENS: context.maxOutputTokens,
    CONTEXT_SUMMARY_TRIGGER_RATIO: context.summaryTriggerRatio,
    CONTEXT_PRUNE_TRIGGER_RATIO: context.pruneTriggerRatio,
    CONTEXT_MANDATORY_SUMMARY_TURN: context.mandatorySummaryTurn,
    CONTEXT_RECENT_TURNS_TO_KEEP: context.recentTurnsToKeep,
  });
  if (parsed.kind === "invalid") throw new Error(parsed.message);
  return compose(parsed.environment, {}, patientDeadlines);
}
