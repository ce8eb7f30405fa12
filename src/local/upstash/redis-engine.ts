import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import RedisMock from "ioredis-mock";
import { commandRefusal, keyExpectation, needsInteger, withCanonicalOptions } from "./command-rules.ts";
import { type Reply, replyFromMock } from "./redis-reply.ts";
import { createScripts } from "./scripts.ts";

export type Outcome = { readonly result: Reply } | { readonly error: string };
type Command = readonly string[];

export interface Subscription {
  readonly isPattern: boolean;
  readonly channels: readonly string[];
  /** Told once per channel with the running count, then for each message. */
  onEvent(fields: readonly (string | number)[]): void;
}

export interface RedisEngine {
  run(command: Command): Promise<Outcome>;
  pipeline(commands: readonly Command[]): Promise<readonly Outcome[]>;
  transaction(commands: readonly Command[]): Promise<readonly Outcome[] | { readonly error: string }>;
  /** Answers the function that ends the subscription. */
  subscribe(subscription: Subscription): Promise<() => void>;
  /** Brings every expiry nearer, as if the time had passed. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const scriptCommands = new Set(["eval", "evalsha", "script"]);

export function createRedisEngine(): RedisEngine {
  // ioredis-mock shares data between clients of one host, so each engine is a host of its own.
  const redis = new RedisMock({ host: randomUUID() });
  allowManyListeners(redis);
  const scripts = createScripts((source, keyCount, ...args) => call(redis, ["eval", source, keyCount, ...args]));
  const exclusive = createQueue();

  const attempt = async (command: Command): Promise<Outcome> => {
    try {
      return { result: await execute(redis, scripts.run, command) };
    } catch (error) {
      return { error: redisError(error) };
    }
  };
  const runAll = async (commands: readonly Command[]): Promise<readonly Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const command of commands) outcomes.push(await attempt(command));
    return outcomes;
  };

  return {
    run: (command) => exclusive(() => attempt(command)),
    pipeline: (commands) => exclusive(() => runAll(commands)),
    transaction: async (commands) => {
      const refusal = commands.map(refusalOf).find((found) => found !== null);
      if (refusal === undefined) return exclusive(() => runAll(commands));
      return { error: `EXECABORT Transaction discarded because of previous errors. ${refusal}` };
    },
    subscribe: (subscription) => subscribe(redis, subscription),
    advance: (ms) => exclusive(() => advanceExpiries(redis, ms)),
    close: async () => {
      await redis.flushall();
      redis.disconnect();
    },
  };
}

type Redis = InstanceType<typeof RedisMock>;

async function execute(
  redis: Redis,
  runScript: (command: Command) => Promise<Reply>,
  command: Command,
): Promise<Reply> {
  const refusal = refusalOf(command);
  if (refusal !== null) throw new Error(refusal);
  if (scriptCommands.has(command[0]?.toLowerCase() ?? "")) return runScript(command);
  await refuseWrongValue(redis, command);
  return replyFromMock(await call(redis, withCanonicalOptions(command)));
}

function refusalOf(command: Command): string | null {
  return command[0]?.toLowerCase() === "script" && command.length > 1 ? null : commandRefusal(command);
}

async function refuseWrongValue(redis: Redis, command: Command): Promise<void> {
  const expectation = keyExpectation(command);
  for (const key of expectation?.keys ?? []) {
    const kind = await redis.type(key);
    if (kind === "none" || kind === expectation?.kind) continue;
    throw new Error("WRONGTYPE Operation against a key holding the wrong kind of value");
  }
  if (!needsInteger(command)) return;
  const stored = (await redis.get(command[1] ?? "")) ?? "0";
  const isInteger = [stored, command[2] ?? "1"].every((value) => /^-?\d+$/.test(value));
  if (!isInteger) throw new Error("ERR value is not an integer or out of range");
}

async function call(redis: Redis, command: Command): Promise<unknown> {
  const [name = "", ...args] = command;
  const method: unknown = Reflect.get(redis, name.toLowerCase());
  if (typeof method !== "function") throw new Error(`ERR Command is not available: '${name.toUpperCase()}'`);
  try {
    return await Reflect.apply(method, redis, args);
  } catch (error) {
    if (error instanceof TypeError)
      throw new Error(`ERR Command is not available: '${name.toUpperCase()}'`, { cause: error });
    throw error;
  }
}

async function subscribe(redis: Redis, subscription: Subscription): Promise<() => void> {
  const listener = redis.duplicate();
  const { isPattern, channels, onEvent } = subscription;
  listener.on("message", (channel: string, message: string) => onEvent(["message", channel, message]));
  listener.on("pmessage", (pattern: string, channel: string, message: string) => {
    onEvent(["pmessage", pattern, channel, message]);
  });
  for (const [index, channel] of channels.entries()) {
    await (isPattern ? listener.psubscribe(channel) : listener.subscribe(channel));
    onEvent([isPattern ? "psubscribe" : "subscribe", channel, index + 1]);
  }
  return () => {
    void (isPattern ? listener.punsubscribe(...channels) : listener.unsubscribe(...channels));
    listener.disconnect();
  };
}

/** Clients of one host share their emitters, and each subscription is a client: many of them are no leak. */
function allowManyListeners(redis: Redis): void {
  for (const shared of Object.values(Object(Reflect.get(redis, "context"))))
    if (shared instanceof EventEmitter) shared.setMaxListeners(0);
}

async function advanceExpiries(redis: Redis, ms: number): Promise<void> {
  for (const key of await redis.keys("*")) {
    const remainingMs = await redis.pttl(key);
    if (remainingMs > ms) await redis.pexpire(key, remainingMs - ms);
    else if (remainingMs >= 0) await redis.del(key);
  }
}

/** Every Redis error starts with a code in capitals. */
function redisError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]+ /.test(message) ? message : `ERR ${message}`;
}

function createQueue(): <Result>(job: () => Promise<Result>) => Promise<Result> {
  let tail: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = tail.then(job);
    tail = result.catch(() => undefined);
    return result;
  };
}
