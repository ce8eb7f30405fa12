import { parseEnvironment } from "../src/compose/env.ts";
import { compose } from "../src/compose.ts";
import { misconfigured, routeByPath } from "../src/http/entrypoints.ts";
import { openApi } from "./api.ts";
import { openDeliver } from "./deliver.ts";
import { openStep } from "./step.ts";
import { openSweep } from "./sweep.ts";

interface Doors {
  fetch(request: Request, variables: unknown, context: unknown): Response | Promise<Response>;
  sweep(): Promise<void>;
}

const entrypointsByVariables = new WeakMap<object, Doors>();

export default {
  fetch: (request: Request, variables: object, context: unknown) =>
    doorsFor(variables).fetch(request, variables, context),
  scheduled: (_event: unknown, variables: object) => doorsFor(variables).sweep(),
};

/** Composed once per isolate. */
function doorsFor(variables: object): Doors {
  const entrypoints = entrypointsByVariables.get(variables) ?? open(variables);
  entrypointsByVariables.set(variables, entrypoints);
  return entrypoints;
}

function open(variables: object): Doors {
  const parsed = parseEnvironment(variables);
  if (parsed.kind === "invalid") return misconfigured(parsed.message);
  const composed = compose(parsed.environment);
  const queue = { steps: openStep(composed), deliveries: openDeliver(composed) };
  return { ...routeByPath(openApi(composed), queue), sweep: openSweep(composed) };
}
