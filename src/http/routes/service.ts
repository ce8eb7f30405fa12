import { checkReadiness } from "../../app/service/check-readiness.ts";
import { Health, Ready, Version } from "../../contract/service.ts";
import { docsPage } from "../docs-page.ts";
import { ok } from "../render.ts";
import { json } from "../rendered.ts";
import { type Access, defineRoute } from "../route.ts";

const access: Access = { kind: "public" };
const tag = "Service";
const cached = { "Cache-Control": "public, max-age=300" };

export const serviceRoutes = [
  defineRoute({
    method: "get",
    path: "/health",
    operationId: "getHealth",
    summary: "Alive, without any I/O",
    tag,
    access,
    answers: { 200: { description: "It runs", schema: Health } },
    handle: async () => ({ status: "ok" }),
    render: ok,
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
    handle: ({ ports }) => checkReadiness(ports),
    render: (ready) => json(ready.status === "ready" ? 200 : 503, ready),
  }),
  defineRoute({
    method: "get",
    path: "/version",
    operationId: "getVersion",
    summary: "Which build answers",
    tag,
    access,
    answers: { 200: { description: "The build", schema: Version } },
    handle: async ({ service: { version, commit, environment } }) => ({
      name: "pantheon",
      version,
      commit,
      environment,
    }),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/openapi.json",
    operationId: "getOpenApi",
    summary: "This document",
    tag,
    access,
    answers: { 200: { description: "OpenAPI 3.1" } },
    handle: async ({ service }) => service.openApi(),
    render: (document) => json(200, document, cached),
  }),
  defineRoute({
    method: "get",
    path: "/docs",
    operationId: "getDocs",
    summary: "The reference as a page",
    tag,
    access,
    answers: { 200: { description: "A page without any outside host", mediaType: "text/html" } },
    handle: async ({ service }) => service.openApi(),
    render: (document) => ({
      status: 200,
      headers: { ...cached, "Content-Type": "text/html; charset=UTF-8" },
      body: docsPage(document),
    }),
  }),
];
