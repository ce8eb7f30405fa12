import { type Context, Hono } from "hono";
import * as z from "zod";
import type { NodeBindings } from "../serve.ts";
import { type AuthRefusal, isRefusal, refusals, sendRefusal } from "./auth-error.ts";
import { type AuthService, userBody } from "./auth-service.ts";
import type { TokenSigner } from "./token-signer.ts";

export type AuthEnv = { Bindings: NodeBindings };

const Credentials = z.object({ email: z.string(), password: z.string() });
const SignUp = Credentials.extend({ data: z.record(z.string(), z.unknown()).nullish() });
const Refresh = z.object({ refresh_token: z.string() });
const Scope = z.enum(["global", "local", "others"]).catch("global");

export interface AuthRoutesParts {
  readonly service: AuthService;
  readonly signer: TokenSigner;
  readonly apiKeys: readonly string[];
}

/** What GoTrue serves under `/auth/v1`, behind the gateway's check of the project's key. */
export function authRoutes({ service, signer, apiKeys }: AuthRoutesParts): Hono<AuthEnv> {
  const app = new Hono<AuthEnv>();
  app.get("/.well-known/jwks.json", (context) => context.json({ keys: signer.publicKeys() }));
  app.use(async (context, next) => {
    const key = context.req.header("apikey") ?? context.req.query("apikey");
    if (key !== undefined && apiKeys.includes(key)) return next();
    return context.json({ message: key === undefined ? "No API key found in request" : "Invalid API key" }, 401);
  });
  app.get("/health", (context) => {
    const description = "GoTrue is a user registration and authentication API";
    return context.json({ version: "stand-in", name: "GoTrue", description });
  });
  app.get("/settings", (context) => {
    const switches = { disable_signup: false, mailer_autoconfirm: true, phone_autoconfirm: false, saml_enabled: false };
    return context.json({
      external: { email: true, phone: false, anonymous_users: false },
      ...switches,
      sms_provider: "",
    });
  });
  app.post("/signup", async (context) => {
    const body = await readBody(context, SignUp);
    return send(context, isRefusal(body) ? body : await service.signUp(body, body.data ?? {}));
  });
  app.post("/token", async (context) => send(context, await grant(context, service)));
  app.get("/user", async (context) => {
    const found = await service.authenticate(bearer(context));
    return isRefusal(found) ? sendRefusal(context, found) : context.json(userBody(found.user));
  });
  app.post("/logout", async (context) => {
    const found = await service.authenticate(bearer(context));
    if (isRefusal(found)) return sendRefusal(context, found);
    service.signOut(found.session, Scope.parse(context.req.query("scope")));
    return context.body(null, 204);
  });
  return app;
}

async function grant(context: Context<AuthEnv>, service: AuthService): Promise<object | AuthRefusal> {
  const type = context.req.query("grant_type");
  if (type === "password") {
    const body = await readBody(context, Credentials);
    return isRefusal(body) ? body : service.signIn(body);
  }
  if (type !== "refresh_token") return refusals.validation("unsupported_grant_type");
  const body = await readBody(context, Refresh);
  return isRefusal(body) ? body : service.refresh(body.refresh_token);
}

async function readBody<Body extends object>(context: Context, schema: z.ZodType<Body>): Promise<Body | AuthRefusal> {
  const json: unknown = await context.req.json().catch(() => undefined);
  if (json === undefined) return refusals.badJson;
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : refusals.validation(z.prettifyError(parsed.error));
}

function send(context: Context, answer: object | AuthRefusal): Response {
  return isRefusal(answer) ? sendRefusal(context, answer) : context.json(answer);
}

function bearer(context: Context): string | null {
  return /^Bearer (.+)$/i.exec(context.req.header("authorization") ?? "")?.[1] ?? null;
}
