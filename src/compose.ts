import { createResolver } from "./adapters/dns/resolver.ts";
import { createSchemaCheck } from "./adapters/json-schema/schema-check.ts";
import { createToolServer } from "./adapters/mcp/tool-server.ts";
import { createAdminStore } from "./adapters/neon/admin-store.ts";
import { createAgentStore } from "./adapters/neon/agent-store.ts";
import { createApiKeyStore } from "./adapters/neon/api-key-store.ts";
import { createBudgetStore } from "./adapters/neon/budget-store.ts";
import { createCalibrationStore } from "./adapters/neon/calibration-store.ts";
import { createDatabase } from "./adapters/neon/database.ts";
import { createDeliveryStore } from "./adapters/neon/delivery-store.ts";
import { createIdempotencyStore } from "./adapters/neon/idempotency-store.ts";
import { createDatabaseProbe, createIdentityStore } from "./adapters/neon/identity-store.ts";
import { createMemoryStore } from "./adapters/neon/memory-store.ts";
import { createPricingStore } from "./adapters/neon/pricing-store.ts";
import { createRoomStore } from "./adapters/neon/room-store.ts";
import { createSessionStore } from "./adapters/neon/session-store.ts";
import { createStepEngine } from "./adapters/neon/step-engine.ts";
import { createToolServerStore } from "./adapters/neon/tool-server-store.ts";
import { createTurnStore } from "./adapters/neon/turn-store.ts";
import { createUsageStore } from "./adapters/neon/usage-store.ts";
import { createWalletStore } from "./adapters/neon/wallet-store.ts";
import { createWebhookStore } from "./adapters/neon/webhook-store.ts";
import { createModelGateway } from "./adapters/openrouter/create-model-gateway.ts";
import { createQueue, type QstashQueue } from "./adapters/qstash/queue.ts";
import { createQueueVerifier } from "./adapters/qstash/verifier.ts";
import { createTokenVerifier } from "./adapters/supabase/token-verifier.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemDigest } from "./adapters/system/digest.ts";
import { systemIds } from "./adapters/system/ids.ts";
import { systemLog } from "./adapters/system/log.ts";
import { systemPause } from "./adapters/system/pause.ts";
import { systemSigner } from "./adapters/system/signer.ts";
import { createLive } from "./adapters/upstash/live.ts";
import { createThrottle } from "./adapters/upstash/throttle.ts";
import { createWebhookSender } from "./adapters/webhook/sender.ts";
import { type Deadlines, toDeadlines } from "./compose/deadlines.ts";
import type { Environment } from "./compose/env.ts";
import { createProbes } from "./compose/probes.ts";
import { toSettings, toTurnSettings } from "./compose/settings.ts";
import { parseCredits } from "./domain/money/credits.ts";
import type { Clock } from "./ports/clock.ts";
import type { Ports } from "./ports/ports.ts";
import type { Settings } from "./ports/settings.ts";

export interface Composed {
  readonly ports: Ports;
  readonly settings: Settings;
}

/** The only place where adapters meet; a test passes the ports it stands in for, and deadlines it does not reach. */
export function compose(
  environment: Environment,
  overrides: Partial<Ports> = {},
  deadlines: Deadlines = toDeadlines(environment),
): Composed {
  const clock = overrides.clock ?? systemClock;
  const queue = composeQueue(environment, deadlines);
  const ports: Ports = {
    ...composeStores(environment, deadlines, queue),
    ...composeVendors(environment, deadlines, clock),
    adminUserIds: new Set(environment.ADMIN_USER_IDS),
    clock,
    digest: systemDigest,
    schemaCheck: createSchemaCheck(),
    ids: systemIds,
    log: systemLog,
    pause: systemPause,
    publicBaseUrl: environment.PUBLIC_BASE_URL,
    queue,
    turnSettings: toTurnSettings(environment),
    ...overrides,
  };
  return { ports, settings: toSettings(environment) };
}

function composeStores(environment: Environment, deadlines: Deadlines, queue: QstashQueue) {
  const database = createDatabase({
    connectionString: environment.DATABASE_URL.reveal(),
    fetchEndpoint: environment.NEON_FETCH_ENDPOINT ?? null,
    signupGrantUnits: parseCredits(environment.SIGNUP_GRANT_CREDITS),
    timeoutMs: deadlines.databaseMs,
  });
  return {
    admin: createAdminStore(database),
    agents: createAgentStore(database),
    apiKeys: createApiKeyStore(database),
    budgets: createBudgetStore(database),
    calibrations: createCalibrationStore(database),
    deliveries: createDeliveryStore(database),
    idempotency: createIdempotencyStore(database),
    identity: createIdentityStore(database),
    memory: createMemoryStore(database),
    pricing: createPricingStore(database),
    probes: [createDatabaseProbe(database), ...createProbes(environment, deadlines.probeMs, queue)],
    rooms: createRoomStore(database),
    sessions: createSessionStore(database),
    steps: createStepEngine(database),
    toolServers: createToolServerStore(database),
    turns: createTurnStore(database),
    usage: createUsageStore(database),
    wallet: createWalletStore(database),
    webhooks: createWebhookStore(database),
  };
}

function composeVendors(environment: Environment, deadlines: Deadlines, clock: Clock) {
  return {
    live: createLive({
      redisUrl: environment.UPSTASH_REDIS_REST_URL,
      redisToken: environment.UPSTASH_REDIS_REST_TOKEN.reveal(),
      timeoutMs: deadlines.liveMs,
    }),
    model: createModelGateway({
      baseUrl: environment.OPENROUTER_BASE_URL,
      apiKey: environment.OPENROUTER_API_KEY.reveal(),
      clock,
    }),
    queueVerifier: createQueueVerifier({
      currentSigningKey: environment.QSTASH_CURRENT_SIGNING_KEY?.reveal(),
      nextSigningKey: environment.QSTASH_NEXT_SIGNING_KEY?.reveal(),
    }),
    throttle: createThrottle({
      redisUrl: environment.UPSTASH_REDIS_REST_URL,
      redisToken: environment.UPSTASH_REDIS_REST_TOKEN.reveal(),
      requestsPerMinute: environment.REQUEST_RATE_PER_MINUTE,
      timeoutMs: deadlines.throttleMs,
    }),
    tokens: createTokenVerifier({
      supabaseUrl: environment.SUPABASE_URL,
      anonKey: environment.SUPABASE_ANON_KEY.reveal(),
      clock,
      timeoutMs: deadlines.tokenMs,
    }),
    ...composeOutgoing(environment, deadlines, clock),
  };
}

function composeQueue(environment: Environment, deadlines: Deadlines) {
  return createQueue({
    qstashUrl: environment.QSTASH_URL,
    token: environment.QSTASH_TOKEN.reveal(),
    publicBaseUrl: environment.PUBLIC_BASE_URL,
    stepTimeoutSeconds: environment.STEP_TIMEOUT_SECONDS,
    retries: environment.QSTASH_RETRIES,
    fetchTimeoutMs: deadlines.publishMs,
  });
}

/** What goes to addresses that users name: all of it past the same check. */
function composeOutgoing(environment: Environment, deadlines: Deadlines, clock: Clock) {
  const webhookSender = createWebhookSender({
    resolver: createResolver({ dnsUrl: environment.WEBHOOK_DNS_URL, timeoutMs: deadlines.dnsMs }),
    signer: systemSigner,
    clock,
    isLoopbackAllowed: environment.WEBHOOK_ALLOW_LOOPBACK,
    timeoutMs: deadlines.webhookMs,
  });
  return {
    webhookSender,
    toolServer: createToolServer({ checkUrl: webhookSender.checkUrl, timeoutMs: deadlines.toolMs }),
  };
}
