import { isDeepStrictEqual } from "node:util";
import { basePath } from "../../src/http/base-path.ts";
import type { Route } from "../../src/http/route.ts";
import { routes } from "../../src/http/routes.ts";

interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Holds an answer against the route's own description: its status, its schema to the last field, and its headers. */
export function checkAgainstRoute(request: Request, heard: Heard): void {
  const route = routeOf(request.method, new URL(request.url).pathname);
  if (route === undefined || isProblem(heard)) return;
  const answer = route.answers[heard.status];
  const name = `${route.operationId} ${heard.status}`;
  if (answer === undefined) throw new Error(`${name} is not described: ${heard.text}`);
  for (const header of answer.headers ?? []) {
    if (!heard.headers.has(header)) throw new Error(`${name} lacks the header ${header}`);
  }
  if (answer.alsoAs !== undefined && heard.headers.get("content-type")?.startsWith(answer.alsoAs) === true) return;
  if (answer.schema === undefined || request.method === "HEAD") return;
  const body: unknown = JSON.parse(heard.text);
  if (!isDeepStrictEqual(answer.schema.parse(body), body)) throw new Error(`${name} says more than its schema`);
}

function isProblem({ status, headers }: Heard): boolean {
  return status >= 400 && headers.get("content-type") === "application/problem+json";
}

function routeOf(method: string, pathname: string): Route | undefined {
  const wanted = method === "HEAD" ? "get" : method.toLowerCase();
  return routes.find((route) => route.method === wanted && patternOf(route).test(pathname));
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${basePath}${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
}
