import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startCloud } from "../../src/local/cloud.ts";
import { findFreePort } from "../support/free-port.ts";
import { type Program, startProgram } from "./started-program.ts";
import { parseWelcome, type WelcomeText, welcomeEnd } from "./welcome-text.ts";

const folder = mkdtempSync(join(tmpdir(), "pantheon-start-"));
const dataFolder = join(folder, "data");
const programs: Program[] = [];

function npmStart(variables: Readonly<Record<string, string>>): Program {
  const program = startProgram("start", { PANTHEON_DATA: dataFolder, LOCAL_MODEL_MS_PER_CHUNK: "2", ...variables });
  programs.push(program);
  return program;
}

async function signIn({ supabaseUrl, anonKey, email, password }: WelcomeText): Promise<string> {
  const { auth } = createClient(supabaseUrl, anonKey, { auth: { persistSession: false, autoRefreshToken: false } });
  const { data, error } = await auth.signInWithPassword({ email, password });
  expect(error).toBeNull();
  return data.session?.access_token ?? "";
}

async function read(url: string, token: string) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

/** Everything the demo user has, by name. */
async function inventory(api: string, token: string) {
  const rooms = (await read(`${api}/rooms`, token)).body.data;
  const demo = rooms.find(({ name }: { name: string }) => name === "Launch review");
  const namesAt = async (path: string, field: string) =>
    (await read(`${api}${path}`, token)).body.data.map((item: Record<string, string>) => item[field]);
  return {
    rooms: rooms.map(({ name }: { name: string }) => name),
    mode: demo.mode,
    agents: await namesAt(`/rooms/${demo.id}/agents`, "agent_key"),
    models: new Set(await namesAt(`/rooms/${demo.id}/agents`, "model_alias")).size,
    sessions: await namesAt(`/rooms/${demo.id}/sessions`, "title"),
    apiKeys: await namesAt("/api_keys", "name"),
  };
}

afterAll(async () => {
  for (const program of programs) program.signalGroup("SIGKILL");
  await Promise.all(programs.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

describe("npm start", () => {
  let port: number;
  let program: Program;
  let facts: WelcomeText;

  beforeAll(async () => {
    port = await findFreePort();
    program = npmStart({ PORT: String(port) });
    facts = parseWelcome(await program.printed(welcomeEnd));
    console.log(`First start: ready in ${facts.readySeconds} s`);
  });

  it("answers on PORT, alive and ready with every dependency up", async () => {
    expect(facts.api).toBe(`http://127.0.0.1:${port}/api/v1`);
    expect((await read(`${facts.api}/health`, "")).status).toBe(200);
    const { status, body } = await read(`${facts.api}/ready`, "");
    expect(status).toBe(200);
    const states = Object.entries<{ state: string }>(body.dependencies).map(([name, { state }]) => `${name} ${state}`);
    expect(states.sort()).toEqual(["auth up", "cache up", "database up", "models up", "queue up"]);
    expect((await fetch(facts.reference)).headers.get("content-type")).toContain("text/html");
  });

  it("prints a sign-in that works, with a room of three agents and a session", async () => {
    const token = await signIn(facts);
    expect((await read(`${facts.api}/auth/me`, token)).body.email).toBe(facts.email);
    expect(await inventory(facts.api, token)).toEqual({
      rooms: ["Launch review"],
      mode: "roundtable",
      agents: ["ada", "grace", "linus"],
      models: 3,
      sessions: ["Is the release ready?"],
      apiKeys: ["Demo"],
    });
  });

  it("prints a curl that works as it stands", () => {
    const answer = JSON.parse(execFileSync("bash", ["-c", facts.curl], { encoding: "utf8" }));
    expect(answer.status).toBe("completed");
    expect(answer.steps.map((step: { agent_key: string }) => step.agent_key)).toEqual(["ada", "grace", "linus"]);
  });

  it("refuses a second start on the same folder in one sentence", async () => {
    const second = await npmStart({ PORT: String(await findFreePort()) }).ended;
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(/^Another Pantheon uses the data folder .+\n$/);
  });

  it("ends at Ctrl-C without a process left, and keeps everything over a restart", async () => {
    await fetch(`${facts.api}/rooms`, {
      method: "POST",
      headers: { authorization: `Bearer ${await signIn(facts)}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "Made before the restart" }),
    });
    expect(program.processes().join("\n")).toContain("workerd");
    program.signalGroup("SIGINT");
    expect(await program.ended).toMatchObject({ code: 130, stderr: "" });
    expect(program.processes()).toEqual([]);
    await expect(fetch(`${facts.api}/health`)).rejects.toThrow("fetch failed");

    const again = npmStart({ PORT: String(port) });
    const second = parseWelcome(await again.printed(welcomeEnd));
    console.log(`Second start: ready in ${second.readySeconds} s`);
    expect(second).toEqual({ ...facts, readySeconds: second.readySeconds });
    const kept = await inventory(second.api, await signIn(second));
    expect(kept).toMatchObject({
      rooms: ["Made before the restart", "Launch review"],
      agents: ["ada", "grace", "linus"],
      sessions: ["Is the release ready?"],
      apiKeys: ["Demo"],
    });
    expect((await read(`${second.api}/rooms`, second.apiKey)).status).toBe(200);
    again.signal("SIGTERM");
    expect(await again.ended).toMatchObject({ code: 143, stderr: "" });
    expect(again.processes()).toEqual([]);
    expect(readdirSync(dataFolder).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });
});

describe("npm start refuses in one sentence", () => {
  const sound = join(folder, "sound");
  beforeAll(async () => {
    const cloud = await startCloud({ dataFolder: sound, publicBaseUrl: "http://127.0.0.1:1" });
    await cloud.stop();
  });

  it("a port that is taken", async () => {
    const other = await listen();
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    onTestFinished(() => void other.close());
    const variables = { PORT: String(port), PANTHEON_DATA: join(folder, "taken") };
    const { code, stdout, stderr } = await npmStart(variables).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^Port ${port} is taken: .+\\n$`));
  });

  it("a PORT that is no port", async () => {
    const { code, stderr } = await npmStart({ PORT: "80a" }).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'PORT must be a whole number from 1 to 65535, not "80a".\n' });
  });

  it.each([
    ["a torn database", (copy: string) => rmSync(join(copy, "postgres/global/pg_control"))],
    ["a memory that is no JSON", (copy: string) => writeFileSync(join(copy, "cloud.json"), "{")],
    ["users that are no JSON", (copy: string) => writeFileSync(join(copy, "supabase.json"), "{")],
    ["a file in the folder's place", replaceByFile],
  ])("a data folder with %s", async (name, damage) => {
    const copy = join(folder, name.replaceAll(" ", "-"));
    cpSync(sound, copy, { recursive: true });
    damage(copy);
    const program = npmStart({ PORT: String(await findFreePort()), PANTHEON_DATA: copy });
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^The data folder .+ is damaged \(.+\): move it away or delete it, and .+\n$/);
    expect(stderr).toContain(copy);
    expect(program.processes()).toEqual([]);
  });

  it("a Postgres that does not answer", async () => {
    const variables = { PORT: String(await findFreePort()), PANTHEON_DATA: join(folder, "own-server") };
    const { code, stderr } = await npmStart({ ...variables, LOCAL_POSTGRES_URL: "postgresql://a:b@127.0.0.1:1/c" })
      .ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^LOCAL_POSTGRES_URL cannot be used: .+\n$/);
  });
});

function replaceByFile(copy: string): void {
  rmSync(copy, { recursive: true });
  writeFileSync(copy, "not a folder");
}

function listen(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
  });
}
