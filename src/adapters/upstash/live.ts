import { Redis } from "@upstash/redis/cloudflare";
import { LiveSignal } from "../../contract/turn-events.ts";
import type { Listener, Live } from "../../ports/live.ts";

export interface LiveOptions {
  readonly redisUrl: string;
  readonly redisToken: string;
  readonly timeoutMs: number;
}

const mostWaiting = 256;
const channelOf = (turnId: string) => `turn:${turnId}`;

/** Redis pub/sub over REST. A lost signal is nobody's loss: what matters is in the log. */
export function createLive({ redisUrl: url, redisToken: token, timeoutMs }: LiveOptions): Live {
  const base = { url, token, retry: { retries: 0 }, enableAutoPipelining: false, automaticDeserialization: false };
  const publisher = new Redis({ ...base, signal: () => AbortSignal.timeout(timeoutMs) });
  return {
    tell: (turnId, signal) => publisher.publish(channelOf(turnId), JSON.stringify(signal)).catch(() => null),
    listen: (turnId) => listen(new Redis(base), channelOf(turnId)),
  };
}

function listen(redis: Redis, channel: string): Listener {
  const waiting: LiveSignal[] = [];
  let isOpen = false;
  let wakeUp: (() => void) | null = null;
  const subscriber = redis.subscribe<unknown>([channel]);
  subscriber.on("subscribe", () => {
    isOpen = true;
  });
  subscriber.on("error", () => {
    isOpen = false;
    wakeUp?.();
  });
  subscriber.on("message", ({ message }) => {
    const heard = parse(message);
    if (heard === null || waiting.length >= mostWaiting) return;
    waiting.push(heard);
    wakeUp?.();
  });
  return {
    isOpen: () => isOpen,
    async next(timeoutMs) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wakeUp = null;
      }
      return waiting.shift() ?? null;
    },
    close() {
      void subscriber.unsubscribe();
      wakeUp?.();
    },
  };
}

function parse(message: unknown): LiveSignal | null {
  try {
    const heard = LiveSignal.safeParse(typeof message === "string" ? JSON.parse(message) : message);
    return heard.success ? heard.data : null;
  } catch {
    return null;
  }
}
