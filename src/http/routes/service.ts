import { checkReadiness } from "../../app/check-readiness.ts";
import { json } from "../../app/reply.ts";
import { Health, Ready, Version } from "../../contract/service.ts";
import { docsPage } from "../docs-page.ts";
import { type Access, defineRoute } from "../route.ts";

const access: Access = { kind: "public" };
const tag = "Service";

export const serviceRoutes = [
  defineRoute({
    method: "get",
    path: "/health",
    operationId: "getHealth",
    summary: "Alive, without any I/O",
    tag,
    access,
    answers: { 200: { description: "It runs", schema: Health } },
    handle: async () => json(200, { status: "ok" }),
  }),
  defineRoute({
    method: "get",
    path: "/ready",
    operationId: "getReadiness",
    summary: "Each dependency with its state and latency",
    tag,
    access,
    answers: {
      200: { description: "Every dependency is up", schema: Ready },
      503: { description: "At least one is not", schema: Ready },
    },
    handle: async ({ ports }) => {
      const ready = await checkReadiness(ports);
      return json(ready.status === "ready" ? 200 : 503, ready);
    },
  }),
  defineRoute({
    method: "get",
    path: "/version",
    operationId: "getVersion",
    summary: "Which build answers",
    tag,
    access,
    answers: { 200: { description: "The build", schema: Version } },
    handle: async ({ service }) =>
      json(200, {
        name: "pantheon",
        version: service.version,
        commit: service.commit,
        environment: service.environment,
      }),
  }),
  defineRoute({
    method: "get",
    path: "/openapi.json",
    operationId: "getOpenApi",
    summary: "This document",
    tag,
    access,
    answers: { 200: { description: "OpenAPI 3.1" } },
    handle: async ({ service }) => json(200, service.openApi(), { "Cache-Control": "public, max-age=300" }),
  }),
  defineRoute({
    method: "get",
    path: "/docs",
    operationId: "getDocs",
    summary: "The reference as a page",
    tag,
    access,
    answers: { 200: { description: "A page without any outside host", mediaType: "text/html" } },
    handle: async ({ service }) => ({
      status: 200,
      headers: { "Content-Type": "text/html; charset=UTF-8", "Cache-Control": "public, max-age=300" },
      body: docsPage(service.openApi()),
    }),
  }),
];
