import { type Environment, parseEnvironment } from "../../compose/env.ts";
import { SettingError } from "./settings.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** Where the services are is for the local cloud to say; these are for whoever starts it. */
const settable = [
  "ADMIN_USER_IDS",
  "SIGNUP_GRANT_CREDITS",
  "REQUEST_RATE_PER_MINUTE",
  "TURN_RATE_PER_MINUTE",
  "TURN_RATE_PER_HOUR",
  "MODEL_TIMEOUT_SECONDS",
  "STEP_DEADLINE_SECONDS",
  "STEP_TIMEOUT_SECONDS",
  "STEP_LEASE_SECONDS",
  "PUBLISH_TIMEOUT_MS",
  "REDIS_TIMEOUT_MS",
  "CONTEXT_MAX_OUTPUT_TOKENS",
  "CONTEXT_SUMMARY_TRIGGER_RATIO",
  "CONTEXT_PRUNE_TRIGGER_RATIO",
  "CONTEXT_MANDATORY_SUMMARY_TURN",
  "CONTEXT_DEFAULT_MODEL_LIMIT",
  "CONTEXT_RECENT_TURNS_TO_KEEP",
] as const satisfies readonly (keyof Environment)[];

export function readWorkerVariables(variables: Variables): Readonly<Record<string, string>> {
  return { ...pick(variables, settable), ...readModels(variables) };
}

/** A key alone changes nothing: one that lies about in a shell must not begin to cost. */
function readModels(variables: Variables): Readonly<Record<string, string>> {
  const models = pick(variables, ["OPENROUTER_BASE_URL", "OPENROUTER_API_KEY"]);
  if (models.OPENROUTER_BASE_URL === undefined) return {};
  if (models.OPENROUTER_API_KEY === undefined)
    throw new SettingError("OPENROUTER_BASE_URL needs OPENROUTER_API_KEY beside it.");
  return models;
}

function pick(variables: Variables, names: readonly string[]): Readonly<Record<string, string>> {
  const given = names.map((name) => [name, variables[name] ?? ""] as const).filter(([, value]) => value !== "");
  return Object.fromEntries(given);
}

export function checkWorkerVariables(variables: Readonly<Record<string, string>>): void {
  const parsed = parseEnvironment(variables);
  if (parsed.kind === "invalid") throw new SettingError(parsed.message);
}
