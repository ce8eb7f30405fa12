import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import { Environment, parseEnvironment } from "../../src/compose/env.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const example = readFileSync(`${root}.dev.vars.example`, "utf8");
const known = Object.keys(Environment.shape);

describe(".dev.vars.example", () => {
  it("names every variable of the Worker, in the same order, and no other", () => {
    const names = example.split("\n").flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(names).toEqual(known);
  });

  it("says what each is for in the line above it", () => {
    const lines = example.split("\n");
    const bare = lines.filter((line, index) => /^[A-Z_]+=/.test(line) && !/^# .+\.$/.test(lines[index - 1] ?? ""));
    expect(bare).toEqual([]);
  });

  it("can be parsed as it stands", () => {
    expect(parseEnvironment(parseEnv(example))).toMatchObject({ kind: "valid" });
  });
});

describe("wrangler.toml", () => {
  const read = (env: string | undefined) => readConfig({ config: `${root}wrangler.toml`, env }, { hideWarnings: true });

  it.each(["staging", "production"])("keeps %s apart by its own name and variables", (env) => {
    const { name, vars, triggers, main, observability } = read(env);
    expect(name).toBe(`pantheon-${env}`);
    expect(vars.ENVIRONMENT).toBe(env);
    expect(Object.keys(vars).filter((variable) => !known.includes(variable))).toEqual([]);
    expect(triggers.crons).toEqual(["* * * * *"]);
    expect(main).toBe(`${root}functions/worker.ts`);
    expect(observability?.enabled).toBe(true);
  });

  it("gives the three Workers different names and addresses", () => {
    const configs = [undefined, "staging", "production"].map(read);
    expect(new Set(configs.map(({ name }) => name)).size).toBe(3);
    expect(new Set(configs.map(({ vars }) => vars.PUBLIC_BASE_URL)).size).toBe(3);
  });

  it("has no secret in it", () => {
    const secrets = known.filter((name) => /TOKEN|SECRET|_KEY$|DATABASE_URL/.test(name));
    const written = ["staging", "production"].flatMap((env) => Object.keys(read(env).vars));
    expect(secrets.length).toBeGreaterThan(5);
    expect(written.filter((name) => secrets.includes(name) && name !== "CONTEXT_MAX_OUTPUT_TOKENS")).toEqual([]);
  });
});
