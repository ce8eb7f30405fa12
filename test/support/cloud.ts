import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { openApi } from "../../functions/api.ts";
import { parseEnvironment } from "../../src/compose/env.ts";
import { compose } from "../../src/compose.ts";
import { type Cloud, type StandIns, startCloud } from "../../src/local/cloud.ts";
import { serve } from "../../src/local/serve.ts";
import type { Ports } from "../../src/ports/ports.ts";
import { openAnyDatabase, type TestDatabase } from "./database.ts";
import { patientDeadlines } from "./patient-deadlines.ts";

export interface TestCloud extends Pick<Cloud, "variables" | "keys" | "standIns"> {
  /** The API at this address, for who needs a socket. */
  readonly url: string;
  /** Calls the API in this process; `path` begins behind /api/v1. */
  api(path: string, init?: RequestInit): Promise<Response>;
  signUp(): Promise<TestUser>;
  /** Replaces a stand-in's fault switches by its own HTTP; null clears them. */
  setFaults(name: keyof StandIns, faults: object | null): Promise<void>;
  stop(): Promise<void>;
}

export interface TestUser {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
}

export interface TestCloudOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly ports?: Partial<Ports>;
  /** A migrated database to use; the caller stops it. */
  readonly database?: TestDatabase;
}

type Handler = (request: Request) => Response | Promise<Response>;

/** The whole cloud in memory and the API in front of it, all in this process. */
export async function openTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  let handle: Handler = () => new Response("the API is not open yet", { status: 503 });
  const door = await serve((request) => handle(request));
  const database = options.database ?? (await openAnyDatabase());
  const { variables: changes = {} } = options;
  const cloud = await startCloud({
    dataFolder: null,
    backend: database.backend,
    publicBaseUrl: door.url,
    variables: { REQUEST_RATE_PER_MINUTE: "1000000", ...changes },
  });
  handle = openHandler(cloud.variables, options.ports);
  return {
    variables: cloud.variables,
    keys: cloud.keys,
    standIns: cloud.standIns,
    url: door.url,
    api: async (path, init) => handle(new Request(`${door.url}/api/v1${path}`, init)),
    signUp: () => signUp(cloud),
    setFaults: (name, faults) => setFaults(cloud, name, faults),
    stop: async () => {
      await door.stop();
      await cloud.stop();
      if (options.database === undefined) await database.stop();
    },
  };
}

function openHandler(variables: Cloud["variables"], ports: Partial<Ports> | undefined): Handler {
  const parsed = parseEnvironment(variables);
  if (parsed.kind === "invalid") throw new Error(parsed.message);
  const app = openApi(compose(parsed.environment, ports, patientDeadlines));
  return (request) => app.fetch(request);
}

async function signUp({ variables, keys }: Cloud): Promise<TestUser> {
  const { auth } = createClient(variables.SUPABASE_URL ?? "", keys.supabaseAnonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const email = `user-${randomUUID()}@example.com`;
  const { data, error } = await auth.signUp({ email, password: randomUUID() });
  if (data.session === null) throw new Error(`nobody was signed up: ${error?.message}`);
  return { userId: data.session.user.id, email, token: data.session.access_token };
}

async function setFaults({ keys, standIns }: Cloud, name: keyof StandIns, faults: object | null): Promise<void> {
  const token = {
    neon: keys.databasePassword,
    qstash: keys.qstashToken,
    redis: keys.redisToken,
    supabase: keys.supabaseAnonKey,
    openRouter: keys.openRouterKey,
    dns: keys.dnsToken,
  }[name];
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const init =
    faults === null ? { method: "DELETE", headers } : { method: "PUT", headers, body: JSON.stringify(faults) };
  const response = await fetch(`${standIns[name].url}/_faults`, init);
  if (!response.ok) throw new Error(`the faults of ${name} were refused: ${await response.text()}`);
}
