import * as z from "zod";
import { TurnEvent } from "../../src/contract/turn-events.ts";
import { createRandom, type Random } from "../chaos/simulation/random.ts";
import type { Bench } from "../engine/engine-bench.ts";
import { type Followed, followTurn } from "./follow.ts";

export interface CutReport {
  readonly turns: number;
  readonly cuts: number;
  readonly connections: number;
  readonly flaps: number;
  readonly deltas: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
}

const nothing: CutReport = { turns: 0, cuts: 0, connections: 0, flaps: 0, deltas: 0, lost: 0, doubled: 0, wrong: 0 };
const watchersAtOnce = 10;
const Stored = z.object({ data: z.array(TurnEvent) });

/** Turns watched by clients whose connection breaks anywhere, with Redis coming and going, until so many cuts were made. */
export async function playCuts(bench: Bench, { seed, cuts }: { seed: string; cuts: number }): Promise<CutReport> {
  const random = createRandom(`${seed}/cuts`);
  let report = nothing;
  while (report.cuts < cuts) {
    await bench.setFaults("redis", {});
    const room = await bench.furnish(["ada", "bob", "cyd"], { mode: random.pick(["roundtable", "manual"]) });
    const turn = await room.send("@ada @bob @cyd what now?", { rounds: random.pick([1, 1, 2]) });
    const watch = {
      url: `${bench.composed.ports.publicBaseUrl}/api/v1/turns/${turn.id}/events`,
      token: room.user.token,
    };
    const flapping = random.fork(`flaps of ${turn.id}`);
    const flaps = { count: 0 };
    const watched = await Promise.all(
      Array.from({ length: watchersAtOnce }, (_, place) => {
        const draw = random.fork(`${turn.turn_index} ${place}`);
        const nextCut = () => (draw.chance(0.9) ? draw.between(1, draw.chance(0.5) ? 100 : 900) : null);
        return followTurn({ ...watch, nextCut, onConnection: () => flap(bench, flapping, flaps) });
      }),
    );
    const path = `/turns/${turn.id}/events?limit=500`;
    const stored = (await bench.request("get", path, { token: room.user.token })).json(Stored).data;
    report = watched.map((followed) => compare(followed, stored)).reduce(add, report);
    report = { ...report, turns: report.turns + 1, flaps: report.flaps + flaps.count };
  }
  await bench.setFaults("redis", {});
  return report;
}

/** Redis goes away or comes back, now and then. */
async function flap(bench: Bench, random: Random, flaps: { count: number }): Promise<void> {
  if (!random.chance(0.03)) return;
  flaps.count += 1;
  await bench.setFaults("redis", { down: random.chance(0.5) });
}

function compare({ events, deltas, cuts, connections }: Followed, stored: readonly TurnEvent[]): CutReport {
  const seqs = events.map(({ seq }) => seq);
  const inOrder = events.every((event, place) => JSON.stringify(event) === JSON.stringify(stored[place]));
  return {
    ...nothing,
    cuts,
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
