import type { Clock } from "./clock.ts";

export interface GateSettings {
  readonly parallelism?: number | undefined;
  readonly rate?: number | undefined;
  readonly periodMs?: number | undefined;
  readonly isPaused?: boolean | undefined;
  readonly isParallelismPinned?: boolean | undefined;
  readonly isRatePinned?: boolean | undefined;
}

export interface GateState extends GateSettings {
  readonly key: string;
  readonly waiting: number;
  readonly active: number;
  readonly started: number;
  readonly periodStart: number;
}

/** Named first-in-first-out gates, each with a bound on what is inside and on how often it opens. */
export interface Gates {
  enter(key: string, id: string, run: () => void): void;
  leave(key: string, id: string): void;
  configure(key: string, settings: GateSettings): void;
  resetRate(key: string): void;
  get(key: string): GateState | undefined;
  list(): readonly GateState[];
}

interface Gate {
  settings: GateSettings;
  readonly waiting: Map<string, () => void>;
  readonly active: Set<string>;
  started: number;
  periodStart: number;
  isWaking: boolean;
}

const defaultPeriodMs = 1000;

export function createGates(clock: Clock): Gates {
  const gateByKey = new Map<string, Gate>();
  const open = (key: string) => {
    const known = gateByKey.get(key);
    if (known !== undefined) return known;
    const gate = createGate(clock.now());
    gateByKey.set(key, gate);
    return gate;
  };
  return {
    enter(key, id, run) {
      const gate = open(key);
      gate.waiting.set(id, run);
      pump(gate, clock);
    },
    leave(key, id) {
      const gate = gateByKey.get(key);
      if (gate === undefined) return;
      gate.waiting.delete(id);
      gate.active.delete(id);
      pump(gate, clock);
    },
    configure(key, settings) {
      const gate = open(key);
      gate.settings = { ...gate.settings, ...settings };
      pump(gate, clock);
    },
    resetRate(key) {
      const gate = open(key);
      startPeriod(gate, clock.now());
      pump(gate, clock);
    },
    get(key) {
      const gate = gateByKey.get(key);
      return gate === undefined ? undefined : describe(key, gate);
    },
    list: () => [...gateByKey].map(([key, gate]) => describe(key, gate)),
  };
}

function createGate(now: number): Gate {
  const counters = { started: 0, periodStart: now, isWaking: false };
  return { settings: {}, waiting: new Map(), active: new Set(), ...counters };
}

function describe(key: string, gate: Gate): GateState {
  const { settings, waiting, active, started, periodStart } = gate;
  return { key, ...settings, waiting: waiting.size, active: active.size, started, periodStart };
}

function pump(gate: Gate, clock: Clock): void {
  for (const [id, run] of [...gate.waiting]) {
    if (!isOpen(gate, clock)) return;
    gate.waiting.delete(id);
    gate.active.add(id);
    gate.started += 1;
    run();
  }
}

function isOpen(gate: Gate, clock: Clock): boolean {
  const { isPaused, parallelism, rate } = gate.settings;
  if (isPaused || (parallelism !== undefined && gate.active.size >= parallelism)) return false;
  if (rate === undefined) return true;
  const periodEnd = gate.periodStart + (gate.settings.periodMs ?? defaultPeriodMs);
  if (clock.now() >= periodEnd) startPeriod(gate, clock.now());
  if (gate.started < rate) return true;
  wakeAt(gate, clock, periodEnd);
  return false;
}

function startPeriod(gate: Gate, now: number): void {
  gate.periodStart = now;
  gate.started = 0;
}

function wakeAt(gate: Gate, clock: Clock, atMs: number): void {
  if (gate.isWaking) return;
  gate.isWaking = true;
  const wake = () => {
    gate.isWaking = false;
    pump(gate, clock);
  };
  clock.schedule(atMs, wake);
}
