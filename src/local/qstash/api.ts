import { Hono } from "hono";
import { type FaultRoutesOptions, faultRoutes } from "./routes/faults.ts";
import { flowControlRoutes } from "./routes/flow-control.ts";
import { hang, publishRoutes } from "./routes/publish.ts";
import type { QstashEnv } from "./services.ts";

/** The queue's HTTP face: the vendor's routes under /v2 and our switches under /_faults, all behind the one token. */
export function createApi(options: FaultRoutesOptions): Hono<QstashEnv> {
  const { services } = options;
  const { token, keyring, core } = services;
  const app = new Hono<QstashEnv>();
  app.use(async (context, next) => {
    const isKnown = context.req.header("authorization") === `Bearer ${token}`;
    if (!isKnown) return context.json({ error: "unauthorized" }, 401);
    if (core.faults.current().down && context.req.path.startsWith("/v2/")) return hang(context, 0);
    await next();
  });
  app.get("/v2/keys", (context) => context.json(keyring.keys()));
  app.post("/v2/keys/rotate", (context) => context.json(keyring.rotate()));
  for (const routes of [publishRoutes, flowControlRoutes]) app.route("/", routes(services));
  app.route("/", faultRoutes(options));
  app.notFound((context) => context.json({ error: `no route ${context.req.method} ${context.req.path}` }, 404));
  app.onError((error, context) => context.json({ error: error.message }, 500));
  return app;
}
