import type { QstashQueue } from "../adapters/qstash/queue.ts";
import { PantheonError } from "../contract/errors.ts";
import type { Probe } from "../ports/probe.ts";
import type { Environment } from "./env.ts";

interface Request {
  readonly url: string;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** One cheap authenticated read per vendor: a wrong key is as down as a dead host. */
export function createProbes(
  environment: Environment,
  timeoutMs: number,
  queue: Pick<QstashQueue, "refusal">,
): readonly Probe[] {
  const anonKey = environment.SUPABASE_ANON_KEY.reveal();
  return [
    queueProbe(environment, timeoutMs, queue),
    httpProbe("cache", {
      url: `${environment.UPSTASH_REDIS_REST_URL}/ping`,
      timeoutMs,
      headers: bearer(environment.UPSTASH_REDIS_REST_TOKEN.reveal()),
    }),
    httpProbe("auth", { url: `${environment.SUPABASE_URL}/auth/v1/health`, timeoutMs, headers: { apikey: anonKey } }),
    httpProbe("models", {
      url: `${environment.OPENROUTER_BASE_URL}/key`,
      timeoutMs,
      headers: bearer(environment.OPENROUTER_API_KEY.reveal()),
    }),
  ];
}

/** The vendor's answer alone does not tell that it takes no message: a refusal is remembered by the isolate that met it. */
function queueProbe(environment: Environment, timeoutMs: number, queue: Pick<QstashQueue, "refusal">): Probe {
  const probe = httpProbe("queue", {
    url: `${environment.QSTASH_URL}/v2/keys`,
    timeoutMs,
    headers: bearer(environment.QSTASH_TOKEN.reveal()),
  });
  return {
    name: probe.name,
    async check() {
      const refusal = queue.refusal();
      if (refusal !== null)
        throw new PantheonError("dependency_unavailable", `The queue refuses what is published: ${refusal}`);
      await probe.check();
    },
  };
}

function httpProbe(name: string, { url, timeoutMs, headers }: Request): Probe {
  return {
    name,
    async check() {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`${name} answered ${response.status}`);
    },
  };
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}
