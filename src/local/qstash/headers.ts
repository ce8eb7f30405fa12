import { createHash } from "node:crypto";
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

export interface SubmissionSource {
  readonly destination: string;
  readonly headers: HeaderMap;
  readonly bodyBase64: string;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const defaultRetries = 3;

export function readSubmission(source: SubmissionSource): Submission | Refusal {
  const { headers } = source;
  const settings = readSettings(headers);
  if ("refused" in settings) return settings;
  const delay = headers.get("upstash-delay");
  const delayMs = delay === undefined ? undefined : parseDurationMs(delay);
  if (delay !== undefined && delayMs === undefined) return { refused: `invalid Upstash-Delay: ${delay}` };
  const notBefore = headers.get("upstash-not-before");
  if (notBefore !== undefined && !/^\d+$/.test(notBefore))
    return { refused: `invalid Upstash-Not-Before: ${notBefore}` };
  const flowControl = readFlowControl(headers);
  if (flowControl !== undefined && "refused" in flowControl) return flowControl;
  return {
    ...settings,
    bodyBase64: source.bodyBase64,
    labels: splitList(headers.get("upstash-label")),
    flowControl,
    delayMs,
    notBefore: notBefore === undefined ? undefined : Number(notBefore) * 1000,
    deduplicationId: readDeduplicationId(source),
  };
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
  const parts = new Map(splitList(value).map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]));
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

function splitList(text: string | undefined): string[] {
  return (text ?? "").split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

function readDeduplicationId(source: SubmissionSource): string | undefined {
  const given = source.headers.get("upstash-deduplication-id");
  if (given !== undefined) return given;
  if (source.headers.get("upstash-content-based-deduplication") !== "true") return undefined;
  const relevant = [...source.headers].filter(([name]) => name === "content-type" || isMeaningful(name)).sort();
  const hash = createHash("sha256").update(JSON.stringify([source.destination, source.bodyBase64, relevant]));
  return `content:${hash.digest("hex")}`;
}

function isMeaningful(name: string): boolean {
  return name.startsWith("upstash-") && !name.startsWith("upstash-telemetry-");
}
