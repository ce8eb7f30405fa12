import { parseDurationMs } from "./duration.ts";
import type { FlowControl, PublishRequest } from "./message.ts";
import { parseRetryDelay } from "./retry-delay.ts";

export type HeaderMap = ReadonlyMap<string, string>;

/** A publish request before its destination is known to be allowed. */
export type Submission = Omit<PublishRequest, "url">;

/** What the publisher got wrong, in words for a 400. */
export interface Refusal {
  readonly refused: string;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const knownHeaders =
  "delay deduplication-id flow-control-key flow-control-value method retries retry-delay timeout".split(" ");
const defaultRetries = 3;

/** What a publisher asks for in headers; one that would be left undone is refused. */
export function readSubmission(headers: HeaderMap, bodyBase64: string): Submission | Refusal {
  const unknown = [...headers.keys()].find((name) => name.startsWith("upstash-") && !isKnown(name));
  if (unknown !== undefined) return { refused: `the stand-in does not know the header ${unknown}` };
  const settings = readSettings(headers);
  if ("refused" in settings) return settings;
  const delay = headers.get("upstash-delay");
  const delayMs = delay === undefined ? undefined : parseDurationMs(delay);
  if (delay !== undefined && delayMs === undefined) return { refused: `invalid Upstash-Delay: ${delay}` };
  const flowControl = readFlowControl(headers);
  if (flowControl !== undefined && "refused" in flowControl) return flowControl;
  return {
    ...settings,
    bodyBase64,
    flowControl,
    delayMs,
    deduplicationId: headers.get("upstash-deduplication-id"),
  };
}

function isKnown(name: string): boolean {
  return knownHeaders.includes(name.slice("upstash-".length)) || /^upstash-(forward|telemetry)-/.test(name);
}

export function isLoopbackUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "http:" && (/^127\.\d+\.\d+\.\d+$/.test(hostname) || ["localhost", "[::1]"].includes(hostname));
}

export function notLoopback(url: string): Refusal {
  return { refused: `invalid destination url: ${url} is not on this machine, and this queue delivers nowhere else` };
}

type Settings = Pick<PublishRequest, "method" | "header" | "maxRetries" | "retryDelayExpression" | "timeoutMs">;

function readSettings(headers: HeaderMap): Settings | Refusal {
  const read = (name: string) => headers.get(`upstash-${name}`);
  const method = (read("method") ?? "POST").toUpperCase();
  if (!methods.includes(method)) return { refused: `invalid Upstash-Method: ${method}` };
  const retries = read("retries");
  if (retries !== undefined && !/^\d+$/.test(retries)) return { refused: `invalid Upstash-Retries: ${retries}` };
  const retryDelay = read("retry-delay");
  if (retryDelay !== undefined && parseRetryDelay(retryDelay) === undefined) {
    return { refused: `invalid Upstash-Retry-Delay: ${retryDelay}` };
  }
  const timeout = read("timeout");
  const timeoutMs = timeout === undefined ? undefined : parseDurationMs(timeout);
  if (timeout !== undefined && timeoutMs === undefined) return { refused: `invalid Upstash-Timeout: ${timeout}` };
  const maxRetries = retries === undefined ? defaultRetries : Number(retries);
  return { method, header: readForwarded(headers), maxRetries, retryDelayExpression: retryDelay, timeoutMs };
}

function readForwarded(headers: HeaderMap): Record<string, string[]> {
  const prefix = "upstash-forward-";
  const forwarded = [...headers].filter(([name]) => name.startsWith(prefix));
  const contentType = headers.get("content-type");
  return {
    ...(contentType === undefined ? {} : { "content-type": [contentType] }),
    ...Object.fromEntries(forwarded.map(([name, value]) => [name.slice(prefix.length), [value]])),
  };
}

function readFlowControl(headers: HeaderMap): FlowControl | Refusal | undefined {
  const key = headers.get("upstash-flow-control-key");
  if (key === undefined) return undefined;
  const value = headers.get("upstash-flow-control-value") ?? "";
  const parts = new Map(
    value
      .split(",")
      .map((part) => part.trim())
      .map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]),
  );
  const parallelism = readCount(parts.get("parallelism"));
  const rate = readCount(parts.get("rate") ?? parts.get("ratePerSecond"));
  const periodMs = parseDurationMs(parts.get("period") ?? "1s");
  if ((parallelism === undefined && rate === undefined) || periodMs === undefined) {
    return { refused: `invalid Upstash-Flow-Control-Value: ${value}` };
  }
  return { key, parallelism, rate, periodMs };
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
