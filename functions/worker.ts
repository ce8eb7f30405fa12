import { parseEnvironment } from "../src/compose/env.ts";
import { type Composed, compose } from "../src/compose.ts";
import { refuseAll } from "../src/http/misconfigured.ts";
import { openApi } from "./api.ts";

interface Door {
  fetch(request: Request, variables: unknown, context: unknown): Response | Promise<Response>;
}

const doorByVariables = new WeakMap<object, Door>();

export default {
  fetch(request: Request, variables: object, context: unknown): Response | Promise<Response> {
    return doorFor(variables).fetch(request, variables, context);
  },
};

/** Composed once per isolate. */
function doorFor(variables: object): Door {
  const known = doorByVariables.get(variables);
  if (known !== undefined) return known;
  const parsed = parseEnvironment(variables);
  const door: Door = parsed.kind === "valid" ? open(compose(parsed.environment)) : refuseAll(parsed.message);
  doorByVariables.set(variables, door);
  return door;
}

function open(composed: Composed): Door {
  return openApi(composed) as Door;
}
