import { cancelTurn } from "../../../src/app/cancel-turn.ts";
import { createTurn } from "../../../src/app/create-turn.ts";
import { resumeTurn } from "../../../src/app/resume-turn.ts";
import { PantheonError } from "../../../src/contract/errors.ts";
import { TurnId } from "../../../src/contract/ids.ts";
import { CreateTurn } from "../../../src/contract/turns.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import type { Setting } from "./furnish.ts";
import type { Random } from "./random.ts";
import { portsOf } from "./task-ports.ts";
import type { World } from "./world-shape.ts";

interface Said {
  readonly status: number;
  readonly turnId: string | null;
}

interface ClientRequest {
  readonly what: string;
  readonly atMs: number;
  readonly perform: (ports: Ports) => Promise<Said>;
}

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
]);

/** Puts all that the clients of this schedule will do on its clock. */
export function scheduleClients(world: World, setting: Setting): void {
  const { play } = world.random;
  const sends = Array.from(
    { length: play.pick([1, 1, 2, 2, 3, 5]) + (world.weather.meddling > 0 ? 2 : 0) },
    (_, index) => drawSend(play, setting, index),
  );
  const meddlings = Array.from({ length: world.weather.meddling }, (_, index) =>
    drawMeddling(world, setting, { index, lastSend: sends.length - 1 }),
  );
  for (const request of [...sends, ...meddlings]) {
    const begin = () => void demand(world, request, 1);
    world.simulation.clock.schedule(request.atMs, begin, "delivery");
  }
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
  simulation.clock.schedule(simulation.clock.now() + patienceMs, again, "delivery");
}

function drawSend(play: Random, { caller, mode, agentKeys, sessionIds }: Setting, index: number): ClientRequest {
  const key = `send-${index}`;
  const named = agentKeys.filter(() => play.chance(0.8));
  const tags = (named.length > 0 ? named : agentKeys).map((agentKey) => `@${agentKey}`).join(" ");
  const body = CreateTurn.parse({
    message: mode === "manual" ? `${tags} what now?` : "What now?",
    rounds: play.pick([1, 1, 1, 2]),
    on_busy: play.pick(["reject", "enqueue", "enqueue", "enqueue", "interrupt"]),
    budget: play.chance(0.1) ? play.pick(["0.5", "1", "2", "4"]) : null,
    metadata: { key },
  });
  const sessionId = play.pick(sessionIds);
  return {
    what: key,
    atMs: index === 0 ? 0 : play.pick([0, play.between(0, 8_000), play.between(0, 40_000)]),
    perform: async (ports) => {
      const once = { key, fingerprint: key };
      const reply = await createTurn(ports, caller, { sessionId, input: body }, once);
      return { status: reply.status, turnId: String(JSON.parse(reply.body ?? "{}").id) };
    },
  };
}

interface Which {
  readonly index: number;
  readonly lastSend: number;
}

function drawMeddling(world: World, setting: Setting, { index, lastSend }: Which): ClientRequest {
  const { play } = world.random;
  const kind = play.pick([
    ...(["cancel", "cancel", "cancel", "cancel", "cancel", "cancel", "edit", "edit"] as const),
    ...(["remove agent", "remove session", "remove room"] as const),
  ]);
  const about = {
    agentKey: play.pick(["ada", "bob"]),
    sendKey: `send-${play.between(0, lastSend)}`,
    edition: index + 1,
  };
  return {
    what: `${kind} ${index}`,
    atMs: play.pick([play.between(0, 5_000), play.between(0, 15_000), play.between(0, 60_000)]),
    perform: async (ports) => {
      await meddle(world, setting, { ...about, kind, ports });
      return { status: 200, turnId: null };
    },
  };
}

interface Meddling {
  readonly kind: "cancel" | "edit" | "remove agent" | "remove session" | "remove room";
  readonly agentKey: string;
  readonly sendKey: string;
  readonly edition: number;
  readonly ports: Ports;
}

async function meddle(world: World, { caller, roomId, sessionIds }: Setting, meddling: Meddling): Promise<void> {
  const { kind, ports, agentKey, edition, sendKey } = meddling;
  switch (kind) {
    case "cancel": {
      const known = world.chronicle.clients.filter(({ answer }) => answer?.turnId != null);
      const wanted = known.find(({ key }) => key === sendKey) ?? known.at(-1);
      const turnId = wanted?.answer?.turnId ?? null;
      if (turnId !== null) await cancelTurn(ports, caller, TurnId.parse(turnId));
      return;
    }
    case "edit": {
      const change = { role_prompt: `You are ${agentKey}, edition ${edition}.` };
      await ports.agents.update(caller, { roomId, agentKey, change, expectedVersion: null });
      return;
    }
    case "remove agent":
      await ports.agents.remove(caller, roomId, agentKey, null);
      return;
    case "remove session":
      await ports.sessions.remove(caller, roomId, sessionIds[0]);
      return;
    case "remove room":
      await ports.rooms.remove(caller, roomId, null);
      return;
  }
}
