import { retryDelay } from "../../../src/adapters/qstash/queue.ts";
import { PantheonError } from "../../../src/contract/errors.ts";
import { createQueueCore, type QueueCore } from "../../../src/local/qstash/core.ts";
import { createFaults, type Faults } from "../../../src/local/qstash/faults.ts";
import { type Answer, createPublishRequest, type Message } from "../../../src/local/qstash/message.ts";
import type { Queue, QueueMessage } from "../../../src/ports/queue.ts";
import type { Random } from "./random.ts";
import type { Ending, Simulation, Task } from "./simulation.ts";

export interface ChaosQueueOptions {
  readonly simulation: () => Simulation;
  readonly random: Random;
  readonly switches: object;
  readonly stepTimeoutSeconds: number;
  readonly retries: number;
  readonly publishFaultRate: () => number;
  readonly isDown: () => boolean;
  readonly onFault: () => void;
  /** The step entrypoint of one invocation. */
  readonly openEntrypoint: (task: Task) => (request: Request) => Promise<Response>;
}

export interface ChaosQueue {
  readonly core: QueueCore;
  /** What a task's adapter does to the queue; its awaits are the caller's. */
  readonly publish: Queue["publish"];
}

type Clock = Simulation["clock"];

const origin = "http://127.0.0.1";

/** The queue's own state machine on the schedule's clock, which calls the entrypoints without a wire between them. */
export function createChaosQueue(clock: Clock, options: ChaosQueueOptions): ChaosQueue {
  const faults = countStrikes(createFaults(options.switches), options.onFault);
  const core = createQueueCore({ clock, faults, deliver: ({ message }) => deliver(clock, options, message) });
  return { core, publish: async (messages) => publish(core, options, messages) };
}

function countStrikes(faults: Faults, onFault: () => void): Faults {
  return {
    ...faults,
    strike(name, key) {
      const struck = faults.strike(name, key);
      if (struck !== undefined && name !== "duplicate") onFault();
      return struck;
    },
  };
}

/** As the adapter asks for it: the same retries, delays and bounds. */
function publish(core: QueueCore, options: ChaosQueueOptions, messages: readonly QueueMessage[]): void {
  const { random, isDown, publishFaultRate, onFault, stepTimeoutSeconds, retries } = options;
  if (isDown()) throw unavailable();
  const isStruck = random.chance(publishFaultRate());
  if (isStruck) onFault();
  const accepted = isStruck ? random.between(0, messages.length) : messages.length;
  for (const { entrypoint, body, deduplicationId, delaySeconds = 0 } of messages.slice(0, accepted)) {
    core.publish(
      createPublishRequest({
        url: `${origin}/internal/${entrypoint}`,
        body,
        deduplicationId,
        delayMs: delaySeconds * 1000,
        maxRetries: retries,
        retryDelayExpression: retryDelay,
        timeoutMs: stepTimeoutSeconds * 1000,
      }),
    );
  }
  if (isStruck) throw unavailable();
}

function unavailable(): PantheonError {
  return new PantheonError("dependency_unavailable", "The queue is not available (injected).");
}

/** QStash hangs up at its timeout; that does not stop the invocation. */
function deliver(clock: Clock, options: ChaosQueueOptions, message: Message): Promise<Answer> {
  const body = Buffer.from(message.bodyBase64, "base64").toString();
  const name = `delivery ${message.messageId}.${message.retried}`;
  const request = () => new Request(message.url, { method: "POST", body, headers: { "upstash-signature": "any" } });
  const ending = options.simulation().start(name, (task) => options.openEntrypoint(task)(request()));
  const hangsOnCrash = options.random.chance(0.5);
  return new Promise((resolve) => {
    const giveUp = () => resolve({ kind: "failure", error: "request timed out" });
    const cancel = clock.schedule(clock.now() + (message.timeoutMs ?? 0), giveUp);
    void ending.then((ended) => {
      if (ended.kind === "crashed" && hangsOnCrash) return;
      cancel();
      resolve(toAnswer(ended));
    });
  });
}

function toAnswer(ended: Ending<Response>): Answer {
  if (ended.kind !== "returned") return { kind: "failure", error: `the invocation ${ended.kind}` };
  const header = Object.fromEntries([...ended.value.headers].map(([name, value]) => [name.toLowerCase(), [value]]));
  return { kind: "response", status: ended.value.status, header, bodyBase64: "" };
}
