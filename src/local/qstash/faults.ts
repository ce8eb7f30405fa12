import * as z from "zod";
import { Plan } from "./plan.ts";

const trigger = { next: z.int().min(0).optional(), rate: z.number().min(0).max(1).optional() };

/** Every fault switch; each strikes the `next` n times, or at a seeded `rate`. */
export const FaultSwitches = z.strictObject({
  seed: z.int().default(1),
  /** Every request to the API is cut without an answer, as if the service were gone; deliveries wait. */
  down: z.boolean().default(false),
  /** Publish answers `status`; nothing is accepted. */
  publish_error: z.strictObject({ ...trigger, status: z.int().min(400).max(599).default(503) }).optional(),
  /** Publish never answers; nothing is accepted. The connection is cut after `ms`. */
  publish_hang: z.strictObject({ ...trigger, ms: z.int().min(0).default(60_000) }).optional(),
  /** Publish is accepted and the connection cut before the answer. */
  publish_lose_answer: z.strictObject(trigger).optional(),
  /** Accepted, answered, never delivered. */
  drop: z.strictObject(trigger).optional(),
  /** A message is sent once more, at once or `after_ms` later, whatever its own fate. */
  duplicate: z.strictObject({ ...trigger, after_ms: z.int().min(0).default(0) }).optional(),
  /** An attempt starts up to `window_ms` late, so that messages overtake each other. */
  reorder: z.strictObject({ ...trigger, window_ms: z.int().min(1).default(1000) }).optional(),
  /** An attempt starts `ms` late. */
  delay: z.strictObject({ ...trigger, ms: z.int().min(0).default(1000) }).optional(),
  /** An attempt never reaches the destination and times out. */
  hang_delivery: z.strictObject(trigger).optional(),
  /** An attempt reaches the destination and its answer is lost. */
  lose_answer: z.strictObject(trigger).optional(),
  plan: Plan.optional(),
  dedup_window: z.enum(["10m", "90d"]).default("10m"),
  time_scale: z.number().positive().max(1_000_000).optional(),
});
export type FaultSwitches = Readonly<z.infer<typeof FaultSwitches>>;

type FaultName = {
  [Name in keyof FaultSwitches]-?: NonNullable<FaultSwitches[Name]> extends { next?: unknown } ? Name : never;
}[keyof FaultSwitches];

export interface Faults {
  current(): FaultSwitches;
  set(input: unknown): FaultSwitches;
  clear(): void;
  /** Whether this fault strikes now; `key` names the thing struck, so that a rate depends on no order of arrival. */
  strike<Name extends FaultName>(name: Name, key: string): NonNullable<FaultSwitches[Name]> | undefined;
  /** A seeded number in [0, 1) for `key`. */
  chance(key: string): number;
}

export function createFaults(initial: unknown = {}): Faults {
  let switches = FaultSwitches.parse(initial);
  const strikesByName = new Map<string, number>();
  const rollsByKey = new Map<string, number>();
  const reset = (next: FaultSwitches) => {
    strikesByName.clear();
    rollsByKey.clear();
    switches = next;
    return switches;
  };
  const chance = (key: string) => {
    const roll = rollsByKey.get(key) ?? 0;
    rollsByKey.set(key, roll + 1);
    return hashToUnit(`${switches.seed}:${key}:${roll}`);
  };
  return {
    current: () => switches,
    set: (input) => reset(FaultSwitches.parse(input)),
    clear: () => void reset(FaultSwitches.parse({})),
    strike(name, key) {
      const fault = switches[name];
      if (fault === undefined) return undefined;
      const strikes = strikesByName.get(name) ?? 0;
      const isStruck =
        strikes < (fault.next ?? 0) || (fault.rate !== undefined && chance(`${name}:${key}`) < fault.rate);
      if (isStruck) strikesByName.set(name, strikes + 1);
      return isStruck ? fault : undefined;
    },
    chance,
  };
}

/** FNV-1a with a final mix: equal text gives equal chance on every machine. */
function hashToUnit(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
