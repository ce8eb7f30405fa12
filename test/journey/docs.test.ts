import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../support/free-port.ts";
import { type Program, startProgram } from "./started-program.ts";
import { parseWelcome, welcomeEnd } from "./welcome-text.ts";

const run = promisify(execFile);
const pages = ["README.md", "docs", "docs/runbooks"].flatMap((place) =>
  place.endsWith(".md")
    ? [place]
    : readdirSync(place)
        .filter((name) => name.endsWith(".md"))
        .map((name) => join(place, name)),
);
const commands = pages.flatMap((page) =>
  bashBlocks(page).map((script) => ({ page, script, title: script.split("\n")[0] ?? "" })),
);
/** These two are what the other journeys and the whole run of the tests are. */
const runElsewhere = new Set(["npm start", "npm test"]);

const dataFolder = mkdtempSync(join(tmpdir(), "pantheon-docs-"));
let program: Program;
let variables: Record<string, string>;

beforeAll(async () => {
  const port = String(await findFreePort());
  program = startProgram("start", { PANTHEON_DATA: dataFolder, PORT: port, LOCAL_MODEL_MS_PER_CHUNK: "2" });
  const welcome = parseWelcome(await program.printed(welcomeEnd));
  variables = {
    PANTHEON_URL: welcome.api.replace(/\/api\/v1$/, ""),
    PANTHEON_KEY: welcome.apiKey,
    PANTHEON_SESSION: welcome.session,
  };
});

afterAll(async () => {
  program.signalGroup("SIGTERM");
  await program.ended;
  rmSync(dataFolder, { recursive: true, force: true });
});

it("finds commands in the pages", () => {
  expect(commands.length).toBeGreaterThanOrEqual(8);
});

describe.each(commands.filter(({ script }) => !runElsewhere.has(script)))("$page", ({ script, title }) => {
  it(`runs: ${title}`, async () => {
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script], { env: { ...process.env, ...variables } });
    expect(stdout).not.toBe("");
    expect(stdout).not.toMatch(/"type":"\/api\/v1\/problems\/(?!validation_failed")/);
  });
});

function bashBlocks(page: string): readonly string[] {
  return [...readFileSync(page, "utf8").matchAll(/^```bash\n(.*?)^```$/gms)].map(([, script = ""]) => script.trim());
}
