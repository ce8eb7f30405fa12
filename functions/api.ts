import type { Composed } from "../src/compose.ts";
import { createApi } from "../src/http/app.ts";
import { apiVersion, buildOpenApi } from "../src/http/openapi.ts";

/** The public entrypoint. */
export function openApi({ ports, settings }: Composed) {
  const info = {
    version: apiVersion,
    commit: settings.commit,
    environment: settings.environment,
    openApi: buildOpenApi,
  };
  return createApi({ ports, info }, { corsAllowedOrigins: settings.corsAllowedOrigins });
}
