export interface Clock {
  /** Queue time, which may run fast or be shifted. */
  now(): number;
  /** Real time, for what leaves the machine: signatures and absolute dates. */
  wall(): number;
  toWall(atMs: number): number;
  fromWall(wallMs: number): number;
  schedule(atMs: number, run: () => void): () => void;
  /** When the next task is due. */
  nextAt(): number | undefined;
  /** Moves queue time forward and starts whatever fell due. */
  advance(byMs: number): void;
}

export interface RealClock extends Clock {
  setTimeScale(scale: number): void;
  stop(): void;
}

interface Task {
  readonly at: number;
  readonly run: () => void;
}

const longestTimerMs = 2_147_483_647;

/** A clock that moves only by `advance`, through each due task in order: for tests that drive thousands of schedules. */
export function createManualClock(startMs = 0): Clock {
  const agenda = createAgenda();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    wall: () => nowMs,
    toWall: (atMs) => atMs,
    fromWall: (wallMs) => wallMs,
    schedule: (atMs, run) => agenda.add({ at: Math.max(atMs, nowMs), run }),
    nextAt: agenda.nextAt,
    advance(byMs) {
      const target = nowMs + byMs;
      for (let task = agenda.takeDue(target); task !== undefined; task = agenda.takeDue(target)) {
        nowMs = Math.max(nowMs, task.at);
        task.run();
      }
      nowMs = target;
    },
  };
}

/** Queue time runs `timeScale` times as fast as the wall clock, plus whatever `advance` added. */
export function createRealClock(
  options: { readonly timeScale?: number; readonly wall?: () => number } = {},
): RealClock {
  const wall = options.wall ?? Date.now;
  const agenda = createAgenda();
  let scale = options.timeScale ?? 1;
  let anchorWall = wall();
  let anchorNow = anchorWall;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const exactNow = () => anchorNow + (wall() - anchorWall) * scale;
  const now = () => Math.floor(exactNow());
  const anchor = (nowMs: number) => {
    anchorNow = nowMs;
    anchorWall = wall();
  };
  const rearm = () => {
    clearTimeout(timer);
    const nextAt = agenda.nextAt();
    if (nextAt === undefined || isStopped) return;
    timer = setTimeout(runDue, Math.min(longestTimerMs, Math.max(0, Math.ceil((nextAt - exactNow()) / scale))));
  };
  const runDue = () => {
    for (let task = agenda.takeDue(exactNow()); task !== undefined && !isStopped; task = agenda.takeDue(exactNow()))
      task.run();
    rearm();
  };
  return {
    now,
    wall,
    toWall: (atMs) => Math.floor(wall() + (atMs - exactNow()) / scale),
    fromWall: (wallMs) => Math.floor(exactNow() + (wallMs - wall()) * scale),
    schedule(atMs, run) {
      const cancel = agenda.add({ at: atMs, run });
      rearm();
      return cancel;
    },
    nextAt: agenda.nextAt,
    advance(byMs) {
      anchor(exactNow() + byMs);
      runDue();
    },
    setTimeScale(next) {
      anchor(exactNow());
      scale = next;
      rearm();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function createAgenda() {
  const tasks: Task[] = [];
  return {
    /** Keeps tasks by time, and by arrival within one time. */
    add(task: Task): () => void {
      let low = 0;
      for (let high = tasks.length; low < high; ) {
        const middle = (low + high) >>> 1;
        if ((tasks[middle]?.at ?? 0) <= task.at) low = middle + 1;
        else high = middle;
      }
      tasks.splice(low, 0, task);
      return () => {
        const index = tasks.indexOf(task);
        if (index >= 0) tasks.splice(index, 1);
      };
    },
    nextAt: () => tasks[0]?.at,
    takeDue: (nowMs: number) => ((tasks[0]?.at ?? Number.POSITIVE_INFINITY) <= nowMs ? tasks.shift() : undefined),
  };
}
