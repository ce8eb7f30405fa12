import { Redis } from "@upstash/redis/cloudflare";
import * as z from "zod";
import { MessageDelta } from "../../contract/turn-events.ts";
import type { Listener, Live, Signal } from "../../ports/live.ts";

export interface LiveOptions {
  readonly redisUrl: string;
  readonly redisToken: string;
  readonly timeoutMs: number;
}

const Heard = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("wake") }),
  z.object({ kind: z.literal("delta"), delta: MessageDelta }),
]);

const mostWaiting = 256;
const channelOf = (turnId: string) => `turn:${turnId}`;

/** Redis pub/sub over REST. A lost signal is nobody's loss: what matters is in the log. */
export function createLive({ redisUrl: url, redisToken: token, timeoutMs }: LiveOptions): Live {
  const base = { url, token, retry: { retries: 0 }, enableAutoPipelining: false, automaticDeserialization: false };
  const publisher = new Redis({ ...base, signal: () => AbortSignal.timeout(timeoutMs) });
  return {
    tell: (turnId, signal) => publisher.publish(channelOf(turnId), JSON.stringify(signal)).catch(() => 0),
    listen: (turnId) => listen(new Redis(base), channelOf(turnId)),
  };
}

function listen(redis: Redis, channel: string): Listener {
  const waiting: Signal[] = [];
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

function parse(message: unknown): Signal | null {
  try {
    const heard = Heard.safeParse(typeof message === "string" ? JSON.parse(message) : message);
    return heard.success ? heard.data : null;
  } catch {
    return null;
  }
}
