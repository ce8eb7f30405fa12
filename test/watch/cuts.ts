import type { TurnEvent } from "../../src/contract/turn-events.ts";
import { createRandom, type Random } from "../chaos/simulation/random.ts";
import { type Followed, followTurn } from "./follow.ts";
import type { Ground, WatchedTurn } from "./ground.ts";
import { createUpheaval, type Upheaval } from "./upheaval.ts";

export interface CutReport {
  readonly turns: number;
  readonly cuts: number;
  /** Connections that broke by themselves, or were never made. */
  readonly broken: number;
  readonly connections: number;
  readonly flaps: number;
  readonly restarts: number;
  readonly deltas: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
}

const nothing: CutReport = {
  turns: 0,
  cuts: 0,
  broken: 0,
  connections: 0,
  flaps: 0,
  restarts: 0,
  deltas: 0,
  lost: 0,
  doubled: 0,
  wrong: 0,
};
const watchersAtOnce = 20;

/** Turns watched by clients whose connection breaks anywhere, with Redis and the Worker coming and going, until so many cuts were made. */
export async function playCuts(ground: Ground, { seed, cuts }: { seed: string; cuts: number }): Promise<CutReport> {
  const random = createRandom(`${seed}/cuts`);
  let report = nothing;
  while (report.cuts < cuts) {
    const turn = await ground.begin({ mode: random.pick(["roundtable", "manual"]), rounds: random.pick([1, 1, 2]) });
    const upheaval = createUpheaval(ground, random.fork(`upheaval ${report.turns}`));
    const watched = await watchAll(turn, upheaval, random.fork(`watchers ${report.turns}`));
    const stirred = await upheaval.settle();
    const stored = await turn.stored();
    report = [{ ...nothing, turns: 1, ...stirred }, ...watched.map((each) => compare(each, stored))].reduce(
      add,
      report,
    );
  }
  return report;
}

function watchAll({ url, token }: WatchedTurn, upheaval: Upheaval, random: Random): Promise<readonly Followed[]> {
  return Promise.all(
    Array.from({ length: watchersAtOnce }, (_, place) => {
      const draw = random.fork(String(place));
      const nextCut = () => (draw.chance(0.9) ? draw.between(1, draw.chance(0.5) ? 100 : 900) : null);
      return followTurn({ url, token, nextCut, onConnection: () => upheaval.stir() });
    }),
  );
}

function compare({ events, deltas, cuts, broken, connections }: Followed, stored: readonly TurnEvent[]): CutReport {
  const seqs = events.map(({ seq }) => seq);
  const inOrder = events.every((event, place) => JSON.stringify(event) === JSON.stringify(stored[place]));
  return {
    ...nothing,
    cuts,
    broken,
    connections,
    deltas: deltas.length,
    lost: stored.filter(({ seq }) => !seqs.includes(seq)).length,
    doubled: seqs.length - new Set(seqs).size,
    wrong: (inOrder ? 0 : 1) + deltas.filter((delta) => !isPartOf(delta, stored)).length,
  };
}

/** What was heard of a reply while it was made is where it says in the whole one. */
function isPartOf({ data: piece }: Followed["deltas"][number], stored: readonly TurnEvent[]): boolean {
  const whole = stored.find((event) => event.type === "message.completed" && event.data.step_id === piece.step_id);
  if (whole?.type !== "message.completed") return true;
  return whole.data.text.startsWith(piece.text.trimEnd(), piece.offset);
}

function add(left: CutReport, right: CutReport): CutReport {
  const names = Object.keys(nothing) as (keyof CutReport)[];
  return Object.fromEntries(names.map((name) => [name, left[name] + right[name]])) as unknown as CutReport;
}
