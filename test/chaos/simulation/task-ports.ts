import { uuidv7 } from "../../../src/adapters/system/ids.ts";
import type { Live } from "../../../src/ports/live.ts";
import type { Log } from "../../../src/ports/log.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import type { StepEngine } from "../../../src/ports/steps.ts";
import { createChaosModel, type Holding } from "./chaos-model.ts";
import { createChaosReceiver } from "./chaos-receiver.ts";
import type { Task } from "./simulation.ts";
import type { World } from "./world-shape.ts";

type Through = <Value>(point: string, effect: () => Promise<Value>) => Promise<Value>;

/** The product's ports as one invocation has them: each await of it may be where it crashes, stalls or meets a fault. */
export function portsOf(world: World, task: Task): Ports {
  const { composed, simulation, chronicle, random } = world;
  const { ports } = composed;
  const inDatabase: Through = (point, effect) => simulation.pass(task, point, () => world.inDatabase(effect));
  let holding: Holding | undefined;
  return {
    ...ports,
    agents: gate(ports.agents, "agents", inDatabase),
    idempotency: gate(ports.idempotency, "idempotency", inDatabase),
    memory: gate(ports.memory, "memory", inDatabase),
    rooms: gate(ports.rooms, "rooms", inDatabase),
    sessions: gate(ports.sessions, "sessions", inDatabase),
    turns: gate(ports.turns, "turns", inDatabase),
    steps: watchSteps(world, task, {
      steps: gate(ports.steps, "steps", inDatabase),
      hold: (held) => {
        holding = held;
      },
    }),
    model: createChaosModel(
      {
        simulation,
        random: random.model,
        faultRate: () => (world.isCalm() ? 0 : world.weather.modelRate),
        maxCharacters: world.plot.maxCharacters,
        calls: chronicle.calls,
        onFault: world.countFault,
        onSummaryCall: () => world.moments.onSummaryCall(),
      },
      task,
      () => holding ?? { step: "none", token: 0 },
    ),
    deliveries: gate(ports.deliveries, "deliveries", inDatabase),
    webhookSender: createChaosReceiver(
      {
        simulation,
        random: random.receiver,
        faultRate: () => (world.isCalm() ? 0 : world.weather.modelRate),
        heard: chronicle.heard,
        onFault: world.countFault,
      },
      task,
    ),
    live: silence,
    queue: { publish: (messages) => simulation.pass(task, "publish", () => world.queue.publish(messages)) },
    queueVerifier: { verify: async () => "valid" },
    clock: { now: world.now },
    ids: { ...ports.ids, uuid: () => uuidv7(world.now().getTime(), random.ids.bytes(10)) },
    log: logInto(chronicle.surprises),
    pause: (ms) => simulation.sleep(task, ms),
  };
}

/** Signals may be lost: in a schedule all of them are. */
const silence: Live = {
  tell: async () => 0,
  listen: () => ({ isOpen: () => false, next: async () => null, close: () => undefined }),
};

type AsyncMethods = Readonly<Record<string, (...parameters: never[]) => Promise<unknown>>>;

// Safe: every method of a store is asynchronous, and each is replaced by one that calls it with the same parameters.
function gate<Store extends object>(store: Store, name: string, through: Through): Store {
  const methods = Object.entries(store as AsyncMethods).map(([method, call]) => [
    method,
    (...parameters: never[]) => through(`${name}.${method}`, () => call(...parameters)),
  ]);
  return Object.fromEntries(methods) as Store;
}

interface Watching {
  readonly steps: StepEngine;
  readonly hold: (held: Holding) => void;
}

function watchSteps({ chronicle }: World, task: Task, { steps, hold }: Watching): StepEngine {
  return {
    ...steps,
    async claim(request) {
      const claim = await steps.claim(request);
      chronicle.claims.push({ taskId: task.id, step: request.step, claim });
      chronicle.trace.push(`  #${task.id} claim of ${request.step}: ${claim.kind}`);
      if (claim.kind === "won") hold({ step: request.step, token: claim.token });
      return claim;
    },
    async commit(commit) {
      const committed = await steps.commit(commit);
      chronicle.commits.push({ taskId: task.id, commit, committed: committed.kind });
      chronicle.trace.push(`  #${task.id} commit of ${commit.step} as ${commit.outcome}: ${committed.kind}`);
      return committed;
    },
  };
}

/** A step that broke for another reason than a dependency is the product's own fault. */
function logInto(surprises: string[]): Log {
  return {
    info: () => undefined,
    warn: () => undefined,
    error: (event, fields = {}) => {
      const isInjected = String(fields.error).startsWith("PantheonError: The database does not answer");
      if (event === "paid_call_not_committed" || isInjected) return;
      surprises.push(`${event}: ${JSON.stringify(fields)}`);
    },
  };
}
