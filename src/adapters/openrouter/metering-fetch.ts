import type { Clock } from "../../ports/clock.ts";
import { createWireTally, type WireTally } from "./wire-tally.ts";

/** How an attempt's answer ended: in order, with a broken connection, or left by its reader. */
export type AttemptEnd = "whole" | "broken" | "left";

/** One HTTP request and what came back of it. */
export interface Attempt {
  readonly startedAtMs: number;
  readonly tally: WireTally;
  /** Null when no answer began. */
  head: { readonly status: number; readonly headers: Headers } | null;
  end: { readonly kind: AttemptEnd; readonly atMs: number } | null;
}

export interface MeteringFetch {
  readonly fetch: typeof globalThis.fetch;
  readonly attempts: readonly Attempt[];
}

/** A fetch that reads every answer as it passes; a redirect would be a second request, so it follows none. */
export function createMeteringFetch(clock: Clock): MeteringFetch {
  const attempts: Attempt[] = [];
  return {
    attempts,
    async fetch(input, init) {
      const attempt: Attempt = { startedAtMs: clock.now().getTime(), tally: createWireTally(), head: null, end: null };
      const close = (kind: AttemptEnd) => {
        attempt.end ??= { kind, atMs: clock.now().getTime() };
      };
      attempts.push(attempt);
      try {
        const response = await fetch(input, { ...init, redirect: "manual" });
        attempt.head = { status: response.status, headers: response.headers };
        if (response.body === null) close("whole");
        return response.body === null ? response : new Response(tap(response.body, attempt.tally, close), response);
      } catch (error) {
        close("broken");
        throw error;
      }
    },
  };
}

function tap(
  body: ReadableStream<Uint8Array>,
  tally: WireTally,
  close: (kind: AttemptEnd) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          close("whole");
          return controller.close();
        }
        tally.add(value);
        controller.enqueue(value);
      } catch (error) {
        close("broken");
        controller.error(error);
        await reader.cancel(error).catch(() => undefined);
      }
    },
    async cancel(reason) {
      close("left");
      await reader.cancel(reason);
    },
  });
}
