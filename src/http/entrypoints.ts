import { Hono } from "hono";
import { PantheonError } from "../contract/errors.ts";
import { problemResponse } from "./problems.ts";
import { deliveriesPath } from "./queue-app.ts";
import type { Env } from "./variables.ts";

interface Entrypoint {
  fetch(request: Request, variables: unknown, context: unknown): Response | Promise<Response>;
}

type Fetch = (request: Request, variables?: unknown, context?: never) => Response | Promise<Response>;

/** The queue's addresses are its own; all the rest is the public API's. */
export function routeByPath(api: Hono<Env>, queue: { readonly steps: Hono; readonly deliveries: Hono }): Entrypoint {
  return {
    fetch(request, variables, context) {
      const { pathname } = new URL(request.url);
      const internal = pathname.startsWith(deliveriesPath) ? queue.deliveries : queue.steps;
      const route: Fetch = pathname.startsWith("/internal/") ? internal.fetch : api.fetch;
      return route(request, variables, context as never);
    },
  };
}

/** A Worker with a wrong variable serves nothing; it says which one, and never its value. */
export function misconfigured(message: string): Entrypoint & { sweep(): Promise<void> } {
  const app = new Hono();
  app.all("*", (context) =>
    problemResponse(context, new PantheonError("dependency_unavailable", message), crypto.randomUUID()),
  );
  return { fetch: (request) => app.fetch(request), sweep: () => Promise.reject(new Error(message)) };
}
