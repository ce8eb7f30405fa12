import { Hono } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { notFound } from "../app/not-found.ts";
import { refuseLongUrl } from "./middleware/body.ts";
import { isUnexpected, problemResponse } from "./problems.ts";
import { registerRoutes, type Service } from "./register.ts";
import { routes } from "./routes.ts";
import type { Env } from "./variables.ts";

export interface ApiConfig {
  readonly corsAllowedOrigins: readonly string[];
}

const exposedHeaders = [
  "ETag",
  "Link",
  "Location",
  "X-Request-Id",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Idempotent-Replayed",
  "Preference-Applied",
];
const allowedHeaders = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "Prefer",
];

export function createApi(service: Service, config: ApiConfig): Hono<Env> {
  const app = new Hono<Env>();
  const { ids, log } = service.ports;
  app.use(async (context, next) => {
    context.set("requestId", ids.uuid());
    await next();
    context.res.headers.set("X-Request-Id", context.get("requestId"));
  });
  app.use(
    cors({
      origin: [...config.corsAllowedOrigins],
      allowHeaders: allowedHeaders,
      exposeHeaders: exposedHeaders,
      maxAge: 600,
    }),
  );
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], styleSrc: ["'unsafe-inline'"] },
    }),
  );
  app.use(async (context, next) => {
    refuseLongUrl(context.req.url);
    await next();
    if (!context.res.headers.has("Cache-Control")) context.res.headers.set("Cache-Control", "no-store");
  });
  app.notFound((context) => problemResponse(context, notFound(), context.get("requestId")));
  app.onError((error, context) => {
    const requestId = context.get("requestId");
    if (isUnexpected(error))
      log.error("unexpected_error", { request_id: requestId, error: describe(error), path: context.req.path });
    return problemResponse(context, error, requestId);
  });
  registerRoutes(app, service, routes);
  return app;
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? ` <- ${error.cause.message}` : "";
  return `${error.name}: ${error.message}${cause}`.slice(0, 2000);
}
