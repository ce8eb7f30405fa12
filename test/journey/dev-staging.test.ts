import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { openTestCloud } from "../support/cloud.ts";
import { findFreePort } from "../support/free-port.ts";
import { type Program, startProgram } from "./started-program.ts";

const file = fileURLToPath(new URL("../../.dev.vars.staging", import.meta.url));
const programs: Program[] = [];

function devStaging(variables: Readonly<Record<string, string | undefined>>): Program {
  const program = startProgram("dev-staging", variables);
  programs.push(program);
  return program;
}

afterAll(async () => {
  for (const program of programs) program.signalGroup("SIGKILL");
  await Promise.all(programs.map(({ ended }) => ended));
});

// The file goes before the environment, and would send this test to the real services.
describe.skipIf(existsSync(file))("npm run dev:staging, without a .dev.vars.staging", () => {
  it("names the variable that is missing", async () => {
    const { code, stderr } = await devStaging({ DATABASE_URL: undefined }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DATABASE_URL is not set as it must be: .+ Set it in \.dev\.vars\.staging .+\n$/);
  });

  it("runs the same Worker against other services by variables only", async () => {
    const cloud = await openTestCloud({ variables: { ENVIRONMENT: "staging" } });
    onTestFinished(cloud.stop);
    const port = await findFreePort();
    const program = devStaging({ ...cloud.variables, PORT: String(port) });
    await program.printed(`Ready on http://127.0.0.1:${port}`);
    const ready = await (await fetch(`http://127.0.0.1:${port}/api/v1/ready`)).json();
    const version = await (await fetch(`http://127.0.0.1:${port}/api/v1/version`)).json();
    program.signalGroup("SIGINT");
    await program.ended;
    expect(ready.status).toBe("ready");
    expect(version.environment).toBe("staging");
    expect(program.processes()).toEqual([]);
  });
});
