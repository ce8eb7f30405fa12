import { randomUUID } from "node:crypto";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import * as z from "zod";
import { CommonFaults, createFaultSwitches, delay, type FaultSwitches, faultRoutes } from "../fault-switches.ts";
import { type StandIn, serve } from "../serve.ts";
import { openAuthStore } from "./auth-data.ts";
import { refusals, sendRefusal } from "./auth-error.ts";
import { type AuthEnv, authRoutes } from "./auth-routes.ts";
import { accessClaims, createAuthService } from "./auth-service.ts";
import { createTokenSigner, type TokenSigner } from "./token-signer.ts";

export interface SupabaseOptions {
  readonly anonKey: string;
  readonly port?: number;
  /** Also the token of the fault switches; the anon key is, without it. */
  readonly serviceKey?: string;
  /** Keeps users, sessions and signing keys over a restart. */
  readonly dataFile?: string;
  /** Makes this a legacy project: HS256 by this secret, and an empty key set until a key is added or rotated in. */
  readonly jwtSecret?: string;
  /** The project's address as clients know it; its own address without. */
  readonly publicUrl?: string;
}

const SupabaseFaults = CommonFaults.extend({ jwks_down: z.boolean().default(false) });
type SupabaseFaults = z.infer<typeof SupabaseFaults>;

const Rotation = z.strictObject({ keep_old: z.boolean() });

/** A claim of `null` leaves that claim out. */
const Mint = z.strictObject({
  claims: z.record(z.string(), z.json()).default({}),
  expires_in_seconds: z.int().default(3_600),
  is_key_unpublished: z.boolean().default(false),
});

/** Stands in for Supabase Auth (GoTrue) under `/auth/v1`; sign-ups need no confirmation. */
export async function startSupabase(options: SupabaseOptions): Promise<StandIn> {
  const store = openAuthStore(options.dataFile);
  const { jwtSecret, anonKey, serviceKey } = options;
  const signer = await createTokenSigner(store, jwtSecret);
  let url = options.publicUrl ?? "";
  const issuer = () => `${url}/auth/v1`;
  const switches = createFaultSwitches(SupabaseFaults);
  const apiKeys = serviceKey === undefined ? [anonKey] : [anonKey, serviceKey];
  const service = createAuthService({ store, signer, issuer });

  const app = new Hono<AuthEnv>();
  const faults = faultRoutes({ token: serviceKey ?? anonKey, schema: SupabaseFaults, switches });
  addKeyRoutes(faults, signer, issuer);
  app.route("/", faults);
  app.use("/auth/v1/*", cors({ origin: "*", exposeHeaders: ["x-supabase-api-version"] }));
  app.use((context, next) => injectFaults(context, next, switches));
  app.route("/auth/v1", authRoutes({ service, signer, apiKeys }));
  const server = await serve((request, bindings) => app.fetch(request, bindings), options.port);
  url = options.publicUrl ?? server.url;
  return server;
}

async function injectFaults(
  context: Context<AuthEnv>,
  next: () => Promise<void>,
  switches: FaultSwitches<SupabaseFaults>,
): Promise<Response | undefined> {
  const { down, slow_ms, jwks_down } = switches.current();
  if (down) {
    context.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  await delay(slow_ms);
  if (jwks_down && context.req.path.endsWith("/jwks.json")) return context.text("no healthy upstream", 503);
  if (switches.strikes()) return sendRefusal(context, refusals.injected);
  await next();
  return undefined;
}

function addKeyRoutes(faults: Hono<AuthEnv>, signer: TokenSigner, issuer: () => string): void {
  faults.post("/_faults/rotate", async (context) => {
    const rotation = Rotation.safeParse(await context.req.json().catch(() => undefined));
    if (!rotation.success) return context.json({ error: z.prettifyError(rotation.error) }, 400);
    return context.json({ kid: await signer.rotate(rotation.data.keep_old) });
  });
  faults.post("/_faults/standby", async (context) => context.json({ kid: await signer.addStandby() }));
  faults.post("/_faults/mint", async (context) => {
    const mint = Mint.safeParse(await context.req.json().catch(() => undefined));
    if (!mint.success) return context.json({ error: z.prettifyError(mint.error) }, 400);
    const { claims, expires_in_seconds, is_key_unpublished } = mint.data;
    const whole = { ...strangerClaims(issuer(), expires_in_seconds), ...claims };
    const kept = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null));
    return context.json({ access_token: await signer.sign(kept, { isKeyUnpublished: is_key_unpublished }) });
  });
}

/** The claims of somebody who never signed up. */
function strangerClaims(issuer: string, expiresInSeconds: number) {
  const user = { id: randomUUID(), email: "minted@example.com", metadata: { email_verified: true } };
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const session = { id: randomUUID(), userId: user.id, signedInAtSeconds: nowSeconds };
  return { ...accessClaims(user, session, issuer), exp: nowSeconds + expiresInSeconds };
}
