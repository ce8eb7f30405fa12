import { resumeTurn } from "../../../src/app/turns/resume-turn.ts";
import { PantheonError } from "../../../src/contract/errors.ts";
import { TurnId } from "../../../src/contract/ids.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import type { ClientRequest } from "./client-request.ts";
import { drawCorrection } from "./correct.ts";
import type { Setting } from "./furnish.ts";
import { drawMeddling } from "./meddle.ts";
import { drawSend } from "./sends.ts";
import { portsOf } from "./task-ports.ts";
import type { World } from "./world-shape.ts";

const triesOfOneRequest = 6;
const patienceMs = 3_000;

/** Answers that a client may meet when others meddle with its room; any other refusal is a surprise. */
const foreseen = new Set<string>([
  "turn_in_progress",
  "not_found",
  "conflict",
  "no_room_agents",
  "no_valid_tagged_agents",
  "unknown_tagged_agent",
  "insufficient_credits",
  "budget_exceeded",
  "context_budget_exceeded",
]);

/** Puts all that the clients of this schedule will do on its clock; half of the corrections wait until a summary is being made. */
export function scheduleClients(world: World, setting: Setting): void {
  const { play } = world.random;
  const { plot, weather } = world;
  const draw = (count: number, one: (index: number) => ClientRequest) =>
    Array.from({ length: count }, (_, index) => one(index));
  const sends = draw(plot.sends + (weather.meddling > 0 ? 1 : 0), (index) => drawSend(play, setting, index));
  const lastSend = sends.length - 1;
  const meddlings = draw(weather.meddling, (index) => drawMeddling(world, setting, { index, lastSend }));
  const corrections = draw(plot.corrections, (index) => drawCorrection(world, setting, index));
  const waiting = corrections.splice(0, Math.ceil(corrections.length / 2));
  for (const request of [...sends, ...meddlings, ...corrections]) beginAt(world, request, request.atMs);
  world.moments.onSummaryCall = () => {
    const request = waiting.shift();
    if (request !== undefined) beginAt(world, request, world.simulation.clock.now() + play.between(0, 2_000));
  };
}

function beginAt(world: World, request: ClientRequest, atMs: number): void {
  const begin = () => void demand(world, request, 1);
  world.simulation.clock.schedule(atMs, begin);
}

/** Somebody tops the wallet up, lifts what limits it and lets the turn go on, as often as it takes. */
export function resumePaused(world: World, { caller }: Setting, turnId: string): void {
  const perform = async (ports: Ports) => {
    await resumeTurn(ports, caller, TurnId.parse(turnId), { budget: "1000" });
    return { status: 200, turnId };
  };
  void demand(world, { what: `resume ${turnId}`, atMs: 0, perform }, 1);
}

/** A client whose connection broke asks again with the same key, and gives up some time. */
async function demand(world: World, request: ClientRequest, attempt: number): Promise<void> {
  const { simulation, chronicle } = world;
  const { what } = request;
  const ended = await simulation.start(`client ${what}`, (task) => request.perform(portsOf(world, task)));
  if (ended.kind === "returned") return void chronicle.clients.push({ what, key: what, answer: ended.value });
  if (ended.kind === "threw") {
    const code = ended.error instanceof PantheonError ? ended.error.code : "none";
    if (foreseen.has(code))
      return void chronicle.clients.push({ what, key: what, answer: { status: 400, turnId: null } });
    if (code !== "dependency_unavailable" && code !== "idempotency_in_progress")
      chronicle.surprises.push(`${what} was answered ${String(ended.error)}`);
  }
  if (attempt === triesOfOneRequest) return void chronicle.clients.push({ what, key: what, answer: null });
  const again = () => void demand(world, request, attempt + 1);
  simulation.clock.schedule(simulation.clock.now() + patienceMs, again);
}
