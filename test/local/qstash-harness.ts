import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Client } from "@upstash/qstash";
import { expect, onTestFinished } from "vitest";
import { type QstashOptions, type QstashStandIn, startQstash } from "../../src/local/qstash/start.ts";
import { eventually } from "../support/eventually.ts";

export const token = "local-qstash-token";
export const currentSigningKey = "sig_current_0123456789abcdef";
export const nextSigningKey = "sig_next_0123456789abcdef";

/** Stops queue time between calls of `advance`, for cases that compare times. */
export function frozenClock(): Pick<QstashOptions, "now"> {
  const now = Date.now();
  return { now: () => now };
}

export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Destination {
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  /** What the next arrivals are told; a held one is answered when its promise ends. */
  answer(reply: (arrival: Arrival) => Reply | Promise<Reply>): void;
  arrived(count: number): Promise<readonly Arrival[]>;
}

/** A real server on loopback that remembers what it got; gone when the test ends. */
async function startDestination(): Promise<Destination> {
  const arrivals: Arrival[] = [];
  let reply: (arrival: Arrival) => Reply | Promise<Reply> = () => ({});
  const server = createServer(async (request, response) => {
    const { method = "", url: path = "", headers } = request;
    const arrival = { method, path, headers, body: (await buffer(request)).toString("utf8") };
    arrivals.push(arrival);
    const { status = 200, headers: answerHeaders = {}, body = "" } = await reply(arrival);
    response.writeHead(status, answerHeaders).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    answer: (next) => {
      reply = next;
    },
    arrived: (count) =>
      eventually(() => {
        expect(arrivals.length).toBeGreaterThanOrEqual(count);
        return arrivals;
      }),
  };
}

export interface Bench {
  readonly qstash: QstashStandIn;
  readonly client: Client;
  readonly destination: Destination;
  /** Skips to whatever is due until nothing is owed. */
  drain(): Promise<void>;
  call(method: string, path: string, body?: unknown): Promise<Response>;
}

export async function startBench(options: Partial<QstashOptions> = {}): Promise<Bench> {
  const qstash = await startQstash({ token, currentSigningKey, nextSigningKey, ...options });
  onTestFinished(() => qstash.stop());
  const destination = await startDestination();
  const client = createClient(qstash.url);
  const call = (method: string, path: string, body?: unknown) => callStandIn(qstash.url, { method, path, body });
  return { qstash, client, destination, call, drain: () => drain(call) };
}

function createClient(baseUrl: string): Client {
  return new Client({ baseUrl, token, retry: false, devMode: false });
}

function callStandIn(
  baseUrl: string,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return fetch(`${baseUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

function drain(call: Bench["call"]): Promise<void> {
  return eventually(async () => {
    const state: unknown = await (await call("GET", "/_faults/idle")).json();
    if (isBusy(state)) throw new Error("attempts are in flight");
    if (isIdle(state)) return;
    await call("POST", "/_faults/advance", {});
    throw new Error("more is due");
  });
}

function isBusy(state: unknown): boolean {
  return typeof state === "object" && state !== null && "in_flight" in state && state.in_flight !== 0;
}

function isIdle(state: unknown): boolean {
  return typeof state === "object" && state !== null && "idle" in state && state.idle === true;
}
