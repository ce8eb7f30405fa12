import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import RedisMock from "ioredis-mock";
import type { Reply } from "./redis-reply.ts";
import { createScripts } from "./scripts.ts";

export type Outcome = { readonly result: Reply } | { readonly error: string };

export interface RedisEngine {
  run(command: readonly string[]): Promise<Outcome>;
  /** Tells the subscription first, then each message; answers the function that ends it. */
  subscribe(channel: string, onEvent: (fields: readonly (string | number)[]) => void): () => void;
  close(): Promise<void>;
}

interface Rule {
  readonly fewest: number;
  readonly most: number;
  run(args: readonly string[]): Promise<Reply> | Reply;
}

/** The four commands that the Worker sends; what a script calls is ioredis-mock's to answer. */
export function createRedisEngine(): RedisEngine {
  // ioredis-mock shares data between clients of one host, so each engine is a host of its own.
  const redis = new RedisMock({ host: randomUUID() });
  const channels = new EventEmitter().setMaxListeners(0);
  const scripts = createScripts((source, keyCount, ...args) => redis.eval(source, keyCount, ...args));
  const ruleByName: ReadonlyMap<string, Rule> = new Map<string, Rule>([
    ["ping", { fewest: 0, most: 1, run: ([text = "PONG"]) => text }],
    ["publish", { fewest: 2, most: 2, run: ([channel = "", text]) => publish(channels, channel, text) }],
    ["eval", { fewest: 2, most: Number.POSITIVE_INFINITY, run: scripts.eval }],
    ["evalsha", { fewest: 2, most: Number.POSITIVE_INFINITY, run: scripts.evalsha }],
  ]);
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run: (command) => {
      const outcome = tail.then(() => attempt(ruleByName, command));
      tail = outcome;
      return outcome;
    },
    subscribe: (channel, onEvent) => {
      const onMessage = (text: string) => onEvent(["message", channel, text]);
      channels.on(channel, onMessage);
      onEvent(["subscribe", channel, 1]);
      return () => channels.off(channel, onMessage);
    },
    close: async () => {
      await redis.flushall();
      redis.disconnect();
    },
  };
}

async function attempt(
  ruleByName: ReadonlyMap<string, Rule>,
  [name = "", ...args]: readonly string[],
): Promise<Outcome> {
  const rule = ruleByName.get(name.toLowerCase());
  if (rule === undefined) return { error: `ERR Command is not available: '${name.toUpperCase()}'` };
  if (args.length < rule.fewest || args.length > rule.most) {
    return { error: `ERR wrong number of arguments for '${name.toLowerCase()}' command` };
  }
  try {
    return { result: await rule.run(args) };
  } catch (error) {
    return { error: redisError(error) };
  }
}

function publish(channels: EventEmitter, channel: string, text: string | undefined): number {
  channels.emit(channel, text);
  return channels.listenerCount(channel);
}

/** Every Redis error starts with a code in capitals. */
function redisError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]+ /.test(message) ? message : `ERR ${message}`;
}
