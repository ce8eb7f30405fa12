import * as z from "zod";
import { Credits } from "../contract/money.ts";
import { defaultContextSettings as preset } from "../domain/context/settings.ts";
import { createSecret } from "./secret.ts";

const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ""));
const secret = z.string().min(1).transform(createSecret);
const count = (min: number, max: number, preset: number) => z.coerce.number().int().min(min).max(max).default(preset);
const ratio = (preset: number) => z.coerce.number().min(0.1).max(1).default(preset);
const list = z
  .string()
  .default("")
  .transform((value) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );
const flag = z
  .enum(["true", "false"])
  .default("false")
  .transform((value) => value === "true");
// The driver refuses anything less only when it is first used, and then prints the whole URL.
const postgresUrl = z
  .string()
  .refine(isPostgresUrl, { message: "must be a postgres:// URL with user, password, host and database" });

/** Every variable of the Worker; `.dev.vars.example` names each of them. */
export const Environment = z
  .object({
    ENVIRONMENT: z.enum(["local", "staging", "production"]).default("local"),
    BUILD_COMMIT: z.string().default("unknown"),
    DATABASE_URL: postgresUrl.transform(createSecret),
    NEON_FETCH_ENDPOINT: url.optional(),
    QSTASH_URL: url.default("https://qstash.upstash.io"),
    QSTASH_TOKEN: secret,
    QSTASH_CURRENT_SIGNING_KEY: secret.optional(),
    QSTASH_NEXT_SIGNING_KEY: secret.optional(),
    QSTASH_RETRIES: count(0, 20, 3),
    PUBLISH_TIMEOUT_MS: count(50, 10_000, 900),
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: secret,
    REDIS_TIMEOUT_MS: count(50, 10_000, 300),
    SUPABASE_URL: url,
    SUPABASE_ANON_KEY: secret,
    OPENROUTER_API_KEY: secret,
    OPENROUTER_BASE_URL: url.default("https://openrouter.ai/api/v1"),
    PUBLIC_BASE_URL: url,
    CORS_ALLOWED_ORIGINS: list,
    ADMIN_USER_IDS: list.pipe(z.array(z.guid().toLowerCase())),
    SIGNUP_GRANT_CREDITS: Credits.default("100"),
    REQUEST_RATE_PER_MINUTE: count(1, 1_000_000, 600),
    TURN_RATE_PER_MINUTE: count(1, 100_000, 10),
    TURN_RATE_PER_HOUR: count(1, 1_000_000, 60),
    MODEL_TIMEOUT_SECONDS: count(1, 600, 60),
    STEP_DEADLINE_SECONDS: count(2, 700, 100),
    STEP_TIMEOUT_SECONDS: count(3, 800, 120),
    STEP_LEASE_SECONDS: count(4, 900, 150),
    CONTEXT_MAX_OUTPUT_TOKENS: count(256, 100_000, preset.maxOutputTokens),
    CONTEXT_SUMMARY_TRIGGER_RATIO: ratio(preset.summaryTriggerRatio),
    CONTEXT_PRUNE_TRIGGER_RATIO: ratio(preset.pruneTriggerRatio),
    CONTEXT_MANDATORY_SUMMARY_TURN: count(1, 1000, preset.mandatorySummaryTurn),
    CONTEXT_DEFAULT_MODEL_LIMIT: count(2048, 10_000_000, preset.defaultModelLimit),
    CONTEXT_RECENT_TURNS_TO_KEEP: count(1, 100, preset.recentTurnsToKeep),
    WEBHOOK_ALLOW_LOOPBACK: flag,
    WEBHOOK_DNS_URL: url.default("https://cloudflare-dns.com/dns-query"),
  })
  .refine((env) => env.CONTEXT_PRUNE_TRIGGER_RATIO >= env.CONTEXT_SUMMARY_TRIGGER_RATIO, {
    path: ["CONTEXT_PRUNE_TRIGGER_RATIO"],
    message: "must be at least CONTEXT_SUMMARY_TRIGGER_RATIO",
  })
  .refine(
    (env) =>
      isAscending([
        env.MODEL_TIMEOUT_SECONDS,
        env.STEP_DEADLINE_SECONDS,
        env.STEP_TIMEOUT_SECONDS,
        env.STEP_LEASE_SECONDS,
      ]),
    {
      path: ["STEP_LEASE_SECONDS"],
      message: "must be above STEP_TIMEOUT_SECONDS, that above STEP_DEADLINE_SECONDS, that above MODEL_TIMEOUT_SECONDS",
    },
  );
export type Environment = z.infer<typeof Environment>;

export type ParsedEnvironment =
  | { readonly kind: "valid"; readonly environment: Environment }
  | { readonly kind: "invalid"; readonly message: string };

/** One sentence for the first thing that is wrong; it names the variable and never its value. */
export function parseEnvironment(variables: unknown): ParsedEnvironment {
  const parsed = Environment.safeParse(variables);
  if (parsed.success) return { kind: "valid", environment: parsed.data };
  const issue = parsed.error.issues[0];
  return {
    kind: "invalid",
    message: `${String(issue?.path[0] ?? "The environment")} is not set as it must be: ${issue?.message}.`,
  };
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));
}

function isPostgresUrl(value: string): boolean {
  if (!/^postgres(?:ql)?:\/\/\S+$/.test(value) || !URL.canParse(value)) return false;
  const { username, password, hostname, pathname } = new URL(value);
  return [username, password, hostname, pathname.slice(1)].every((part) => part !== "");
}
