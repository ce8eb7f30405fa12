import { WebhookBody } from "../contract/webhook-bodies.ts";
import { describeRoutes } from "./openapi-document.ts";
import type { OpenApi } from "./openapi-types.ts";
import { routes } from "./routes.ts";

export const apiVersion = "1.0.0";

export function buildOpenApi(): OpenApi {
  return describeRoutes(routes, apiVersion, WebhookBody);
}
