import type { Clock } from "../../../src/local/qstash/clock.ts";
import type { Random } from "./random.ts";

/** One invocation: of the Worker by the queue or the cron, or of the API by a client. */
export interface Task {
  readonly id: number;
  readonly name: string;
}

export type Ending<Value> =
  | { readonly kind: "returned"; readonly value: Value }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "crashed" };

export type Fate = { readonly kind: "go" | "crash" } | { readonly kind: "stall"; readonly ms: number };

/** What befalls a task at an await: before its effect, and between the effect and its answer. */
export interface Fates {
  before(task: Task, point: string): Fate;
  after(task: Task, point: string): "go" | "crash";
}

/** Runs one task at a time from await to await, in an order that chance picks: every interleaving can be had again. */
export interface Simulation {
  readonly clock: Clock;
  start<Value>(name: string, body: (task: Task) => Promise<Value>): Promise<Ending<Value>>;
  /** An await of a task, where others may go first and where it may crash. */
  pass<Value>(task: Task, point: string, effect: () => Promise<Value>): Promise<Value>;
  sleep(task: Task, ms: number): Promise<void>;
  /** Runs one task to its next await; false when none can run before time moves. */
  runOne(): Promise<boolean>;
  /** Moves time, and lets what fell due begin. */
  advanceTo(atMs: number): Promise<void>;
  tasksAlive(): number;
}

export interface SimulationOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly fates: Fates;
  readonly trace: (line: string) => void;
}

interface Parked {
  readonly task: Task;
  readonly resume: () => void;
}

interface Stage extends SimulationOptions {
  readonly ready: Parked[];
  readonly crashByTask: Map<Task, () => void>;
  taskCount: number;
  /** Called by the one running task when it comes to rest. */
  rest: () => void;
}

export function createSimulation(options: SimulationOptions): Simulation {
  const stage: Stage = { ...options, ready: [], crashByTask: new Map(), taskCount: 0, rest: () => undefined };
  return {
    clock: stage.clock,
    start: (name, body) => start(stage, name, body),
    pass: (task, point, effect) => pass(stage, { task, point, effect }),
    sleep: (task, ms) => sleep(stage, task, ms),
    runOne: () => runOne(stage),
    async advanceTo(atMs) {
      stage.clock.advance(Math.max(0, atMs - stage.clock.now()));
      await settleMicrotasks();
    },
    tasksAlive: () => stage.crashByTask.size,
  };
}

function start<Value>(stage: Stage, name: string, body: (task: Task) => Promise<Value>): Promise<Ending<Value>> {
  stage.taskCount += 1;
  const task = { id: stage.taskCount, name };
  return new Promise((resolve) => {
    const end = (ending: Ending<Value>) => {
      if (!stage.crashByTask.delete(task)) return;
      stage.trace(`${label(task)} ${describe(ending)}`);
      resolve(ending);
      stage.rest();
    };
    stage.crashByTask.set(task, () => end({ kind: "crashed" }));
    const resume = () =>
      void body(task).then(
        (value) => end({ kind: "returned", value }),
        (error: unknown) => end({ kind: "threw", error }),
      );
    stage.ready.push({ task, resume });
  });
}

interface Passing<Value> {
  readonly task: Task;
  readonly point: string;
  readonly effect: () => Promise<Value>;
}

async function pass<Value>(stage: Stage, { task, point, effect }: Passing<Value>): Promise<Value> {
  await park(stage, (resume) => stage.ready.push({ task, resume }));
  const fate = stage.fates.before(task, point);
  if (fate.kind === "crash") return crash(stage, task, `before ${point}`);
  if (fate.kind === "stall") {
    stage.trace(`${label(task)} stalls ${fate.ms} ms before ${point}`);
    await sleep(stage, task, fate.ms);
  }
  const value = await effect();
  if (stage.fates.after(task, point) === "crash") return crash(stage, task, `after ${point}`);
  stage.trace(`${label(task)} ${point}`);
  return value;
}

function sleep(stage: Stage, task: Task, ms: number): Promise<void> {
  return park(stage, (resume) => {
    stage.clock.schedule(stage.clock.now() + ms, () => stage.ready.push({ task, resume }));
  });
}

function park(stage: Stage, keep: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    keep(resolve);
    stage.rest();
  });
}

/** The task is abandoned where it stands, as by a kill: its promise never settles. */
function crash(stage: Stage, task: Task, where: string): Promise<never> {
  stage.trace(`${label(task)} CRASHES ${where}`);
  stage.crashByTask.get(task)?.();
  return new Promise(() => undefined);
}

async function runOne(stage: Stage): Promise<boolean> {
  if (stage.ready.length === 0) return false;
  const [next] = stage.ready.splice(stage.random.between(0, stage.ready.length - 1), 1);
  await new Promise<void>((resolve) => {
    stage.rest = resolve;
    next?.resume();
  });
  await settleMicrotasks();
  return true;
}

/** Lets everything that hangs on an ended task take its course before the next choice. */
function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function label({ id, name }: Task): string {
  return `#${id} ${name}:`;
}

function describe(ending: Ending<unknown>): string {
  if (ending.kind !== "threw") return ending.kind;
  return `threw ${ending.error instanceof Error ? ending.error.message : String(ending.error)}`;
}
