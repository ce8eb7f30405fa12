import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./tree.ts";

export const OPENAPI_PAGE = "docs/openapi.json";
export const OPENAPI_SOURCE = "src/http/openapi.ts";

interface OpenApiSource {
  buildOpenApi(): object;
}

export async function loadOpenApi(): Promise<object> {
  const source: OpenApiSource = await import(pathToFileURL(join(root, OPENAPI_SOURCE)).href);
  return source.buildOpenApi();
}

export function openApiPage(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
