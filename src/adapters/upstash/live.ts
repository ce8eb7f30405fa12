import { Redis } from "@upstash/redis/cloudflare";
import { LiveSignal } from "../../contract/turn-events.ts";
import type { Listener, Live } from "../../ports/live.ts";
import { subscribe } from "./subscription.ts";

export interface LiveOptions {
  readonly redisUrl: string;
  readonly redisToken: string;
  readonly timeoutMs: number;
}

const maxWaiting = 256;
const channelOf = (turnId: string) => `turn:${turnId}`;

/** Redis pub/sub over REST. A lost signal is nobody's loss: what matters is in the log. */
export function createLive({ redisUrl: url, redisToken: token, timeoutMs }: LiveOptions): Live {
  const base = { url, token, retry: { retries: 0 }, enableAutoPipelining: false, automaticDeserialization: false };
  const publisher = new Redis({ ...base, signal: () => AbortSignal.timeout(timeoutMs) });
  return {
    tell: (turnId, signal) => publisher.publish(channelOf(turnId), JSON.stringify(signal)).catch(() => null),
    listen: (turnId) => listen({ redisUrl: url, redisToken: token, name: channelOf(turnId) }),
  };
}

function listen(channel: Parameters<typeof subscribe>[0]): Listener {
  const waiting: LiveSignal[] = [];
  let isOpen = false;
  let wakeUp: (() => void) | null = null;
  const leave = subscribe(channel, {
    onOpen: () => {
      isOpen = true;
    },
    onBreak: () => {
      if (isOpen) wakeUp?.();
      isOpen = false;
    },
    onMessage: (text) => {
      const heard = parse(text);
      if (heard === null || waiting.length >= maxWaiting) return;
      waiting.push(heard);
      wakeUp?.();
    },
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
      leave();
      wakeUp?.();
    },
  };
}

function parse(text: string): LiveSignal | null {
  try {
    const heard = LiveSignal.safeParse(JSON.parse(text));
    return heard.success ? heard.data : null;
  } catch {
    return null;
  }
}
