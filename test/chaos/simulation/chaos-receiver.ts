import * as z from "zod";
import type { SendResult } from "../../../src/domain/webhook/retry-schedule.ts";
import type { WebhookSender } from "../../../src/ports/webhook-sender.ts";
import type { Random } from "./random.ts";
import type { Simulation, Task } from "./simulation.ts";

/** A request that reached the user's server, whether or not anyone lived to hear the answer. */
export interface WebhookHeard {
  readonly id: string;
  readonly type: string;
  /** Null for what is in no turn's log. */
  readonly turn: string | null;
  readonly seq: number | null;
  isTaken: boolean;
}

export interface ReceiverOptions {
  readonly simulation: Simulation;
  readonly random: Random;
  readonly faultRate: () => number;
  readonly heard: WebhookHeard[];
  readonly onFault: () => void;
}

const Line = z.object({ turn_id: z.string().nullable().default(null), seq: z.number().nullable().default(null) });
const Body = z.object({ type: z.string(), data: Line });

/** A user's server that fails as such servers do, by the seed. */
export function createChaosReceiver(options: ReceiverOptions, task: Task): WebhookSender {
  const { simulation, random } = options;
  return {
    checkUrl: async () => ({ kind: "allowed", host: "receiver.example.com", isLoopback: false }),
    async send({ id, body }) {
      const isFailing = random.chance(options.faultRate());
      const heard = await simulation.pass(task, "webhook request", async () => {
        const { type, data } = Body.parse(JSON.parse(body));
        const made: WebhookHeard = { id, type, turn: data.turn_id, seq: data.seq, isTaken: false };
        options.heard.push(made);
        return made;
      });
      if (isFailing) options.onFault();
      await simulation.sleep(task, random.between(20, 3_000));
      return simulation.pass(task, "webhook answer", async () => {
        const result = isFailing ? failureOf(random) : answered(200);
        heard.isTaken = !isFailing;
        return result;
      });
    },
  };
}

function failureOf(random: Random): SendResult {
  return random.pick([
    answered(500),
    answered(503),
    answered(429),
    { kind: "failed", reason: "it did not answer in time" },
  ]);
}

function answered(status: number): SendResult {
  return { kind: "answered", status, latencyMs: 1, retryAfterSeconds: status === 429 ? 20 : null, excerpt: "" };
}
