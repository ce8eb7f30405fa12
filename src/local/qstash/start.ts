import { randomBytes } from "node:crypto";
import { type StandIn, serve } from "../serve.ts";
import { createApi } from "./api.ts";
import { createRealClock } from "./clock.ts";
import { createQueueCore, type QueueCore } from "./core.ts";
import { createHttpDelivery } from "./http-delivery.ts";
import { createMemoryJournal, openJournal } from "./journal.ts";
import { type QstashStats, type Services, statsOf } from "./services.ts";
import { createKeyring } from "./signing-keys.ts";

export interface QstashOptions {
  readonly token: string;
  readonly currentSigningKey: string;
  readonly nextSigningKey: string;
  readonly port?: number;
  /** Where what is not yet delivered outlives a restart. */
  readonly dataFile?: string;
  /** How many times as fast as real time delays and retries run. */
  readonly timeScale?: number;
  /** The wall clock in milliseconds. */
  readonly now?: () => number;
}

export interface QstashStandIn extends StandIn {
  readonly core: QueueCore;
  stats(): QstashStats;
  /** Moves queue time forward; signatures stay on the wall clock. */
  advance(ms: number): void;
}

export async function startQstash(options: QstashOptions): Promise<QstashStandIn> {
  const { token, currentSigningKey, nextSigningKey, dataFile, timeScale = 1 } = options;
  const clock = createRealClock({ timeScale, ...(options.now === undefined ? {} : { wall: options.now }) });
  const journal = dataFile === undefined ? createMemoryJournal() : openJournal(dataFile);
  const keyring = createKeyring({ current: currentSigningKey, next: nextSigningKey });
  const cut = new AbortController();
  const deliver = createHttpDelivery({
    currentKey: () => keyring.keys().current,
    wall: clock.wall,
    signal: cut.signal,
  });
  const core = createQueueCore({ clock, deliver, journal, newId: randomId });
  const services: Services = { token, core, clock, keyring, requestCounts: { publish: 0 } };
  const server = await serve(createApi({ services, timeScale }).fetch, options.port);
  const stop = async () => {
    clock.stop();
    core.freeze();
    cut.abort();
    await server.stop();
  };
  return { url: server.url, stop, core, stats: () => statsOf(services), advance: clock.advance };
}

function randomId(): string {
  return `msg_${randomBytes(21).toString("base64url")}`;
}
