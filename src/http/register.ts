import { zValidator } from "@hono/zod-validator";
import type { Context, Hono, MiddlewareHandler } from "hono";
import { notFound } from "../app/not-found.ts";
import { PantheonError } from "../contract/errors.ts";
import type { Caller } from "../ports/caller.ts";
import type { IdempotencyKey } from "../ports/idempotency.ts";
import type { Ports } from "../ports/ports.ts";
import { basePath } from "./base-path.ts";
import { authenticate, refuseCaller } from "./middleware/authenticate.ts";
import { readBody } from "./middleware/body.ts";
import { createProvenKeys, type ProvenKeys } from "./middleware/proven-keys.ts";
import { throttle, throttleStranger } from "./middleware/throttle.ts";
import type { Rendered } from "./rendered.ts";
import type { Route, ServiceInfo } from "./route.ts";
import type { Env } from "./variables.ts";

const maxErrorsTold = 50;

export interface Service {
  readonly ports: Ports;
  readonly info: ServiceInfo;
}

export function registerRoutes(app: Hono<Env>, service: Service, routes: readonly Route[]): void {
  const provenKeys = createProvenKeys();
  for (const route of routes) {
    const handlers = [guard(service.ports, provenKeys, route), ...handlersOf(service, route)];
    app.on(route.method.toUpperCase(), [basePath + route.path], ...handlers);
  }
  for (const [path, methods] of methodsByPath(routes))
    app.all(basePath + path, (context) => refuseMethod(context, methods));
}

function handlersOf(service: Service, route: Route): MiddlewareHandler<Env>[] {
  const { params, query, body } = route;
  return [
    ...(params ? [zValidator("param", params, (result) => refuseMissing(result.success))] : []),
    ...(query ? [zValidator("query", query, (result) => refuseInvalid(result, "/query"))] : []),
    ...(body ? [zValidator("json", body, (result) => refuseInvalid(result, ""))] : []),
    async (context) => toResponse(context, await handle(service, route, context)),
  ] as MiddlewareHandler<Env>[];
}

function guard(ports: Ports, provenKeys: ProvenKeys, route: Route): MiddlewareHandler<Env> {
  return async (context, next) => {
    if (route.access.kind === "public") return next();
    const caller = await authenticateOrCount(ports, context, route);
    context.set("caller", caller);
    await throttle(ports, context, { route, caller, provenKeys });
    await refuseCaller(ports, caller, route.access);
    if (route.body) await readBody(context, route.isBodyOptional === true);
    await next();
    if (caller.kind === "api_key") provenKeys.note(caller, context.res.status);
  };
}

async function authenticateOrCount(ports: Ports, context: Context<Env>, route: Route): Promise<Caller> {
  try {
    return await authenticate(ports, context, route.access);
  } catch (error) {
    await throttleStranger(ports, context);
    throw error;
  }
}

async function handle({ ports, info }: Service, route: Route, context: Context<Env>): Promise<Rendered> {
  const valid = (target: string) => context.req.valid(target as never) as unknown;
  return route.answer({
    ports,
    service: info,
    caller: context.get("caller") as Caller,
    params: route.params && valid("param"),
    query: route.query && valid("query"),
    body: route.body && valid("json"),
    key: route.isCreate === true ? await readKey(ports, context) : null,
    header: (name) => context.req.header(name),
  });
}

async function readKey({ digest }: Pick<Ports, "digest">, context: Context<Env>): Promise<IdempotencyKey | null> {
  const key = context.req.header("idempotency-key");
  if (key === undefined) return null;
  if (!/^[\x20-\x7e]{1,255}$/.test(key))
    throw new PantheonError("validation_failed", "The Idempotency-Key must have 1 to 255 printable ASCII characters.", {
      errors: [{ pointer: "/header/idempotency-key", message: "must have 1 to 255 printable ASCII characters" }],
    });
  const fingerprint = await digest.sha256Hex(
    `${context.req.method} ${context.req.path}\n${context.get("rawBody") ?? ""}`,
  );
  return { key, fingerprint };
}

function toResponse(context: Context<Env>, { status, headers, body }: Rendered): Response {
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  if (body !== null && headers["Content-Type"] === undefined)
    context.header("Content-Type", "application/json; charset=UTF-8");
  return context.newResponse(body, status as 200);
}

// A malformed id names nothing, as a missing one does.
function refuseMissing(isWellFormed: boolean): void {
  if (!isWellFormed) throw notFound();
}

function refuseInvalid(result: { readonly success: boolean; readonly error?: Issues }, prefix: string): void {
  if (!result.success) throw invalid(result.error, prefix);
}

interface Issues {
  readonly issues: readonly {
    readonly path: readonly PropertyKey[];
    readonly message: string;
    readonly code?: string | undefined;
    readonly keys?: readonly string[];
  }[];
}

function invalid(error: Issues | undefined, prefix: string): PantheonError {
  const errors = (error?.issues ?? []).flatMap(({ path, message, keys }) => {
    const paths = keys === undefined ? [path] : keys.map((key) => [...path, key]);
    return paths.map((each) => ({
      pointer: prefix + each.map(pointerPart).join(""),
      message: keys === undefined ? message : "is not a known field",
    }));
  });
  const told = errors.slice(0, maxErrorsTold);
  return new PantheonError("validation_failed", "The request is not valid; see errors.", { errors: told });
}

function pointerPart(part: PropertyKey): string {
  return `/${String(part).slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methodsAt = (path: string) =>
    routes.filter((route) => answersAt(route.path, path)).map(({ method }) => method.toUpperCase());
  return new Map(routes.map(({ path }) => [path, methodsAt(path)]));
}

/** A path with a parameter also answers where another path has a word of its own. */
function answersAt(pattern: string, path: string): boolean {
  const words = path.split("/");
  const wanted = pattern.split("/");
  return (
    wanted.length === words.length && wanted.every((word, at) => word === words[at] || isParameter(word, words[at]))
  );
}

function isParameter(word: string, other: string | undefined): boolean {
  return word.startsWith(":") && other?.startsWith(":") !== true;
}

function refuseMethod(context: Context<Env>, methods: readonly string[]): never {
  const allowed = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort().join(", ");
  context.header("Allow", allowed);
  throw new PantheonError("method_not_allowed", `This address answers ${allowed}.`);
}
