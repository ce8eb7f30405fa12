import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Environment, parseEnvironment } from "../../src/compose/env.ts";
import { createSecret } from "../../src/compose/secret.ts";

const good = {
  DATABASE_URL: "postgresql://owner:hunter2-database@db.example.com/pantheon?sslmode=require",
  QSTASH_TOKEN: "hunter2-queue",
  QSTASH_CURRENT_SIGNING_KEY: "hunter2-current",
  QSTASH_NEXT_SIGNING_KEY: "hunter2-next",
  UPSTASH_REDIS_REST_URL: "https://redis.example.com",
  UPSTASH_REDIS_REST_TOKEN: "hunter2-redis",
  SUPABASE_URL: "https://project.example.com/",
  SUPABASE_ANON_KEY: "hunter2-anon",
  OPENROUTER_API_KEY: "hunter2-models",
  PUBLIC_BASE_URL: "https://api.example.com",
};
const names = Object.keys(Environment.shape);

function parse(changes: object) {
  return parseEnvironment({ ...good, ...changes });
}

describe("the environment", () => {
  it("has a preset for all that a deployment need not say", () => {
    const parsed = parse({});
    expect(parsed.kind).toBe("valid");
    if (parsed.kind === "invalid") return;
    expect(parsed.environment).toMatchObject({
      ENVIRONMENT: "local",
      SIGNUP_GRANT_CREDITS: "100",
      STEP_LEASE_SECONDS: 150,
      PUBLISH_TIMEOUT_MS: 900,
      REDIS_TIMEOUT_MS: 300,
      WEBHOOK_ALLOW_LOOPBACK: false,
      CORS_ALLOWED_ORIGINS: [],
      SUPABASE_URL: "https://project.example.com",
      CONTEXT_MAX_OUTPUT_TOKENS: 2048,
      CONTEXT_SUMMARY_TRIGGER_RATIO: 0.7,
      CONTEXT_PRUNE_TRIGGER_RATIO: 0.9,
      CONTEXT_MANDATORY_SUMMARY_TURN: 8,
      CONTEXT_DEFAULT_MODEL_LIMIT: 8192,
      CONTEXT_RECENT_TURNS_TO_KEEP: 4,
    });
  });

  it("is told of by the example file, variable by variable, and takes that file", () => {
    const lines = readFileSync(".dev.vars.example", "utf8").split("\n");
    const assigned = lines.flatMap((line) => (/^[A-Z]/.test(line) ? [line.split(/=(.*)/s).slice(0, 2)] : []));
    expect(assigned.map(([name]) => name).sort()).toEqual([...names].sort());
    expect(parseEnvironment(Object.fromEntries(assigned)).kind).toBe("valid");
  });

  it.each([
    "DATABASE_URL",
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "SUPABASE_URL",
    "SUPABASE_ANON_KEY",
    "OPENROUTER_API_KEY",
    "PUBLIC_BASE_URL",
  ])("needs %s", (name) => {
    const parsed = parse({ [name]: undefined });
    expect(parsed).toMatchObject({ kind: "invalid", message: expect.stringContaining(name) });
  });

  const free = ["BUILD_COMMIT", "CORS_ALLOWED_ORIGINS"];
  const secrets = names.filter((name) => /TOKEN$|_KEY$/.test(name));
  it.each(names.filter((name) => !free.includes(name) && !secrets.includes(name)))(
    "names a wrong %s in one sentence, and never its value",
    (name) => {
      const parsed = parse({ [name]: "hunter2 wrong" });
      if (parsed.kind === "valid") throw new Error(`${name} takes anything`);
      expect(parsed.message).toMatch(new RegExp(`^${name} is not set as it must be: [^\\n]+\\.$`));
      expect(parsed.message).not.toContain("hunter2");
    },
  );

  it.each(secrets)("names an empty %s, and one that is no text", (name) => {
    for (const wrong of ["", 7, null])
      expect(parse({ [name]: wrong })).toMatchObject({ kind: "invalid", message: expect.stringContaining(name) });
  });

  it.each([
    ["DATABASE_URL", "postgres://owner:hunter2@[bad/pantheon"],
    ["DATABASE_URL", "postgres://owner:hunter2@host:port/pantheon"],
    ["DATABASE_URL", "postgres://host/pantheon"],
    ["DATABASE_URL", "postgres://owner@host/pantheon"],
    ["DATABASE_URL", "postgres://owner:hunter2@host"],
    ["DATABASE_URL", "mysql://owner:hunter2@host/pantheon"],
    ["SUPABASE_URL", "ftp://hunter2.example.com"],
    ["SIGNUP_GRANT_CREDITS", "-1"],
    ["SIGNUP_GRANT_CREDITS", "1e3"],
    ["REQUEST_RATE_PER_MINUTE", "0"],
    ["TURN_RATE_PER_MINUTE", "1.5"],
    ["PUBLISH_TIMEOUT_MS", "49"],
    ["PUBLISH_TIMEOUT_MS", "10001"],
    ["REDIS_TIMEOUT_MS", "49"],
    ["REDIS_TIMEOUT_MS", "10001"],
    ["STEP_LEASE_SECONDS", "120"],
    ["MODEL_TIMEOUT_SECONDS", "100"],
    ["CONTEXT_MAX_OUTPUT_TOKENS", "255"],
    ["CONTEXT_MAX_OUTPUT_TOKENS", "300.5"],
    ["CONTEXT_PRUNE_TRIGGER_RATIO", "0.5"],
    ["CONTEXT_PRUNE_TRIGGER_RATIO", "0.69"],
    ["CONTEXT_PRUNE_TRIGGER_RATIO", "1.01"],
    ["CONTEXT_SUMMARY_TRIGGER_RATIO", "0.09"],
    ["CONTEXT_SUMMARY_TRIGGER_RATIO", "1.1"],
    ["CONTEXT_MANDATORY_SUMMARY_TURN", "0"],
    ["CONTEXT_DEFAULT_MODEL_LIMIT", "2047"],
    ["CONTEXT_RECENT_TURNS_TO_KEEP", "0"],
    ["ADMIN_USER_IDS", "0190a000-0000-7000-8000-000000000001, hunter2"],
    ["WEBHOOK_ALLOW_LOOPBACK", "yes"],
  ])("refuses %s=%s", (name, value) => {
    const parsed = parse({ [name]: value });
    if (parsed.kind === "valid") throw new Error(`${name} took ${value}`);
    expect(parsed.message).not.toContain("hunter2");
    const related = name === "MODEL_TIMEOUT_SECONDS" ? "STEP_LEASE_SECONDS" : name;
    expect(parsed.message.startsWith(`${related} is not set as it must be: `)).toBe(true);
  });

  it.each([
    { CONTEXT_MAX_OUTPUT_TOKENS: "256" },
    { CONTEXT_SUMMARY_TRIGGER_RATIO: "0.1" },
    { CONTEXT_SUMMARY_TRIGGER_RATIO: "1", CONTEXT_PRUNE_TRIGGER_RATIO: "1" },
    { CONTEXT_PRUNE_TRIGGER_RATIO: "0.7" },
    { CONTEXT_MANDATORY_SUMMARY_TURN: "1", CONTEXT_RECENT_TURNS_TO_KEEP: "1" },
  ])("takes the edge %o", (edge) => {
    expect(parse(edge).kind).toBe("valid");
  });

  it("says so when it is nothing at all", () => {
    for (const nothing of [undefined, null, "", 7]) expect(parseEnvironment(nothing).kind).toBe("invalid");
  });

  it("never prints a secret, however it is printed", () => {
    const parsed = parse({});
    const printed = [
      JSON.stringify(parsed),
      inspect(parsed, { depth: 9, showHidden: true }),
      `${Object.values(parsed)}`,
    ];
    for (const text of printed) expect(text).not.toContain("hunter2");
  });
});

describe("a secret", () => {
  const secret = createSecret("hunter2");

  it("is told to whoever asks for it by name only", () => {
    expect(secret.reveal()).toBe("hunter2");
    const prints = [
      JSON.stringify({ secret }),
      `${secret}`,
      String(secret),
      inspect(secret, { showHidden: true, depth: 9 }),
      JSON.stringify(Object.entries(secret)),
      new Error("x", { cause: secret }).stack ?? "",
      JSON.stringify(structuredCloneOrNull(secret)),
    ];
    for (const printed of prints) expect(printed).not.toContain("hunter2");
  });
});

function structuredCloneOrNull(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return null;
  }
}
