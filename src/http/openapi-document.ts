import * as z from "zod";
import { Problem } from "../contract/problem.ts";
import type { Json, OpenApi, Operation } from "./openapi-types.ts";
import type { Answer, Route } from "./route.ts";

const textSchema = { type: "string" };
const problemRef = { $ref: "#/components/schemas/Problem" };

/** OpenAPI 3.1 from the very schemas that validate the requests. */
export function describeRoutes(routes: readonly Route[], version: string, webhookBody: z.ZodType): OpenApi {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Record<string, Operation>> = {};
  hoist(Problem, "output", schemas);
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: describeRoute(route, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Pantheon",
      version,
      summary: "The open room API for AI agents",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/api/v1" }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    webhooks: { event: { post: describeWebhook(hoist(webhookBody, "output", schemas)) } },
    components: {
      schemas: sorted(schemas),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A Supabase access token or an API key." },
      },
    },
  };
}

const webhookHeaders = ["webhook-id", "webhook-timestamp", "webhook-signature"];

function describeWebhook(schema: Json): Operation {
  return {
    operationId: "receiveEvent",
    summary: "What an endpoint is sent, signed as Standard Webhooks has it",
    tags: ["Webhooks"],
    parameters: webhookHeaders.map((name) => ({ name, in: "header", required: true, schema: textSchema })),
    requestBody: { required: true, content: { "application/json": { schema } } },
    responses: { "2XX": { description: "It is taken, and not sent again" } },
  };
}

function describeRoute(route: Route, schemas: Record<string, unknown>): Operation {
  const parameters = [
    ...parametersOf(route.params, "path"),
    ...parametersOf(route.query, "query"),
    ...headerParameters(route),
  ];
  const body = route.body && {
    required: route.isBodyOptional !== true,
    content: { "application/json": { schema: hoist(route.body, "input", schemas) } },
  };
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.access.kind === "public" ? [] : [{ bearer: [] }],
    ...(route.access.kind === "scope" && route.access.scope !== null ? { "x-required-scope": route.access.scope } : {}),
    ...(route.access.kind === "admin" ? { "x-admin-only": true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, describeAnswer(answer, schemas)]),
      ),
      default: { description: "A problem", content: { "application/problem+json": { schema: problemRef } } },
    },
  };
}

function describeAnswer(answer: Answer, schemas: Record<string, unknown>): Json {
  const { description, schema, mediaType, alsoAs } = answer;
  const body = schema ? hoist(schema, "output", schemas) : mediaType === undefined ? undefined : textSchema;
  const headers = [...(answer.headers ?? []), ...(alsoAs === "text/csv" ? ["Link"] : [])];
  const other = alsoAs === undefined ? {} : { [alsoAs]: { schema: textSchema } };
  return {
    description,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, { schema: textSchema }])) }),
    ...(body === undefined ? {} : { content: { [mediaType ?? "application/json"]: { schema: body }, ...other } }),
  };
}

function parametersOf(schema: z.ZodType | undefined, place: "path" | "query"): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function headerParameters(route: Route): readonly Json[] {
  const names = [...(route.isCreate === true ? ["Idempotency-Key"] : []), ...(route.requestHeaders ?? [])];
  return names.map((name) => ({ name, in: "header", required: false, schema: { type: "string" } }));
}

/** A schema with an id goes to the components once; its place takes a reference. */
function hoist(schema: z.ZodType, io: "input" | "output", schemas: Record<string, unknown>): Json {
  const {
    $schema: _,
    $defs = {},
    id,
    ...rest
  } = z.toJSONSchema(schema, { io, unrepresentable: "any", target: "draft-2020-12" }) as Record<string, unknown> & {
    $defs?: Json;
  };
  for (const [name, definition] of Object.entries($defs)) schemas[name] = rebase(withoutId(definition as Json));
  if (typeof id !== "string") return rebase(rest) as Json;
  schemas[id] = rebase(rest);
  return { $ref: `#/components/schemas/${id}` };
}

function withoutId({ id: _, ...rest }: Json): Json {
  return rest;
}

function rebase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "$ref" ? String(item).replace("#/$defs/", "#/components/schemas/") : rebase(item),
    ]),
  );
}

function sorted(record: Json): Json {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
