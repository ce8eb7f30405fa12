import { join } from "node:path";
import {
  type CloudKeys,
  type CloudPorts,
  DataFolderError,
  prepareFolder,
  reasonOf,
  recallCloud,
  rememberCloud,
} from "./cloud/data-folder.ts";
import { type DatabaseOptions, openDatabase } from "./cloud/database.ts";
import { type DnsStandIn, startDns } from "./dns/start-dns.ts";
import { type NeonStandIn, startNeon } from "./neon/start.ts";
import { type OpenRouter, startOpenRouter } from "./openrouter/start-openrouter.ts";
import type { SqlBackend } from "./postgres/backend.ts";
import { type QstashStandIn, startQstash } from "./qstash/start.ts";
import type { StandIn } from "./serve.ts";
import { startSupabase } from "./supabase/start-supabase.ts";
import { startRedis } from "./upstash/start-redis.ts";

export interface CloudOptions extends DatabaseOptions {
  /** Where the queue reaches the Worker. */
  readonly publicBaseUrl: string;
  /** A migrated database that is open already; whoever opened it closes it. */
  readonly backend?: SqlBackend;
  /** Ports that must be these; the others are the ones of the start before, or any. */
  readonly ports?: Partial<CloudPorts>;
  /** Variables of the Worker that shall differ. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The models' speaking pace. */
  readonly msPerChunk?: number;
}

export interface StandIns {
  readonly neon: NeonStandIn;
  readonly qstash: QstashStandIn;
  readonly redis: StandIn;
  readonly supabase: StandIn;
  readonly openRouter: OpenRouter;
  readonly dns: DnsStandIn;
}

export interface Cloud {
  /** The whole environment of the Worker. */
  readonly variables: Readonly<Record<string, string>>;
  readonly keys: CloudKeys;
  readonly standIns: StandIns;
  stop(): Promise<void>;
}

type Stop = () => Promise<void>;

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { dataFolder } = options;
  if (dataFolder !== null) prepareFolder(dataFolder);
  const { keys, ports } = recallCloud(dataFolder);
  const stops: Stop[] = [];
  const stop = () => stopAll(stops);
  try {
    const standIns = await startStandIns({ options, keys, remembered: ports, stops });
    rememberCloud(dataFolder, { keys, ports: portsOf(standIns) });
    return { variables: { ...variablesOf(standIns, keys, options), ...options.variables }, keys, standIns, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Start {
  readonly options: CloudOptions;
  readonly keys: CloudKeys;
  readonly remembered: CloudPorts | null;
  readonly stops: Stop[];
}

async function startStandIns({ options, keys, remembered, stops }: Start): Promise<StandIns> {
  const { dataFolder } = options;
  const start = async <Server extends StandIn>(name: keyof CloudPorts, open: (port: number) => Promise<Server>) => {
    const server = await onPort({ fixed: options.ports?.[name], remembered: remembered?.[name] }, open);
    stops.push(() => server.stop());
    return server;
  };
  const file = (name: string) => (dataFolder === null ? {} : { dataFile: join(dataFolder, name) });
  const pace = options.msPerChunk === undefined ? {} : { msPerChunk: options.msPerChunk };

  const backend = options.backend ?? (await openDatabase(options));
  if (options.backend === undefined) stops.push(() => backend.close());
  return {
    neon: await start("neon", (port) => startNeon({ backend, password: keys.databasePassword, port })),
    redis: await start("redis", (port) => startRedis({ token: keys.redisToken, port })),
    supabase: await start("supabase", (port) =>
      startSupabase({ anonKey: keys.supabaseAnonKey, port, ...file("supabase.json") }),
    ),
    openRouter: await start("openRouter", (port) => startOpenRouter({ apiKey: keys.openRouterKey, port, ...pace })),
    dns: await start("dns", (port) => startDns({ token: keys.dnsToken, port })),
    qstash: await start("qstash", (port) =>
      startQstash({
        token: keys.qstashToken,
        currentSigningKey: keys.qstashCurrentSigningKey,
        nextSigningKey: keys.qstashNextSigningKey,
        port,
        ...file("qstash.jsonl"),
      }),
    ),
  };
}

interface WantedPort {
  readonly fixed: number | undefined;
  readonly remembered: number | undefined;
}

async function onPort<Server>({ fixed, remembered }: WantedPort, open: (port: number) => Promise<Server>) {
  try {
    return await open(fixed ?? remembered ?? 0);
  } catch (error) {
    if (!isTaken(error)) throw new DataFolderError(reasonOf(error), { cause: error });
    if (fixed !== undefined) throw error;
    return open(0);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

async function stopAll(stops: Stop[]): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

function portsOf(standIns: StandIns): CloudPorts {
  const portOf = ({ url }: StandIn) => Number(new URL(url).port);
  return {
    neon: portOf(standIns.neon),
    qstash: portOf(standIns.qstash),
    redis: portOf(standIns.redis),
    supabase: portOf(standIns.supabase),
    openRouter: portOf(standIns.openRouter),
    dns: portOf(standIns.dns),
  };
}

function variablesOf(standIns: StandIns, keys: CloudKeys, { publicBaseUrl }: CloudOptions): Record<string, string> {
  const { neon, qstash, redis, supabase, openRouter, dns } = standIns;
  return {
    ENVIRONMENT: "local",
    BUILD_COMMIT: "local",
    DATABASE_URL: neon.connectionString,
    NEON_FETCH_ENDPOINT: neon.fetchEndpoint,
    QSTASH_URL: qstash.url,
    QSTASH_TOKEN: keys.qstashToken,
    QSTASH_CURRENT_SIGNING_KEY: keys.qstashCurrentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: keys.qstashNextSigningKey,
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: keys.redisToken,
    SUPABASE_URL: supabase.url,
    SUPABASE_ANON_KEY: keys.supabaseAnonKey,
    OPENROUTER_API_KEY: keys.openRouterKey,
    OPENROUTER_BASE_URL: openRouter.baseUrl,
    PUBLIC_BASE_URL: publicBaseUrl,
    CORS_ALLOWED_ORIGINS: publicBaseUrl,
    WEBHOOK_ALLOW_LOOPBACK: "true",
    WEBHOOK_DNS_URL: dns.dnsUrl,
  };
}
