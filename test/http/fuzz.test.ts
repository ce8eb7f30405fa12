import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CreatedApiKey } from "../../src/contract/api-keys.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { routes } from "../../src/http/routes.ts";
import { createFakeTokenVerifier } from "../fakes/token-verifier.ts";
import { type Answer, type ApiWorld, openApiWorld } from "../support/api.ts";
import { paramNames } from "../support/route-samples.ts";
import { rowsAs, rowsOf, tenantTables } from "../support/tenant-rows.ts";
import { createChance } from "./fuzz/chance.ts";
import { type Ids, type Malformed, malform } from "./fuzz/malform.ts";

const seed = 20_261_121;
const requests = 20_000;
const inFlight = 8;
const tokens = createFakeTokenVerifier({ now: () => new Date() });
const userId = "0190a000-0000-7000-8000-0000000000aa";

let world: ApiWorld;
let token: string;
let ids: Ids;
beforeAll(async () => {
  world = await openApiWorld({ ports: { tokens }, variables: { ADMIN_USER_IDS: userId } });
  token = tokens.issue({ userId, email: null, expiresInSeconds: 86_400 });
  const post = (path: string, body: object) => world.request("post", path, { token, body });
  const room = (await post("/rooms", { name: "x" })).json(Room).id;
  await post(`/rooms/${room}/agents`, { agent_key: "a", name: "A", model_alias: "gpt-4o-mini" });
  const session = (await post(`/rooms/${room}/sessions`, {})).json(Session).id;
  await post(`/rooms/${room}/tool_servers`, { name: "tools", url: "https://example.com/mcp" });
  const key = (await post("/api_keys", { name: "k", scopes: ["rooms:read"] })).json(CreatedApiKey).id;
  ids = {
    ...missingIds(),
    room_id: room,
    session_id: session,
    agent_key: "a",
    tool_server_name: "tools",
    api_key_id: key,
  };
});
afterAll(() => world.stop());

/** For the parameters of routes to come: well-formed, and of nothing. */
function missingIds(): Ids {
  return Object.fromEntries(routes.flatMap(paramNames).map((name) => [name, "0190a000-0000-7000-8000-0000000000ff"]));
}

/** Everything in the database, so that no change can hide. */
async function wholeDatabase(): Promise<unknown> {
  const contents = [];
  for (const { name } of await tenantTables(world.backend)) {
    const sql = `select count(*), md5(string_agg(t::text, '|' order by t::text)) from "${name}" t`;
    contents.push([name, ...(await rowsAs(world.backend, "pantheon_system", { sql }))]);
  }
  for (const name of ["pricing_versions", "model_prices"]) {
    const sql = `select md5(string_agg(t::text, '|' order by t::text)) from "${name}" t`;
    contents.push([name, ...(await rowsAs(world.backend, "pantheon_system", { sql }))]);
  }
  contents.push(
    await rowsOf(world.backend, "select count(*) from pg_class where relnamespace = 'public'::regnamespace"),
  );
  return contents;
}

function complaintAbout({ kind, shown }: Malformed, answer: Answer): string | null {
  if (answer.status >= 500) return `${answer.status} for ${shown}: ${answer.text.slice(0, 300)}`;
  if (answer.status < 400) return `${answer.status} for ${shown}`;
  try {
    answer.problem();
  } catch (error) {
    return `${String(error)} for ${kind} ${shown}`;
  }
  return null;
}

describe(`${requests} malformed requests made from the route table, seed ${seed}`, () => {
  it("get a problem each, never a 5xx, and change nothing", async () => {
    const chance = createChance(seed);
    const aims = routes.filter(({ access }) => access.kind !== "public");
    const before = await wholeDatabase();
    const complaints: string[] = [];
    const heard = new Map<string, number>();
    const next = async (index: number) => {
      const route = aims[index % aims.length];
      if (route === undefined) throw new Error("no routes");
      const malformed = malform(chance, { route, ids, token });
      const answer = await world.send(malformed.request);
      const complaint = complaintAbout(malformed, answer);
      if (complaint !== null) complaints.push(complaint);
      const outcome = `${malformed.kind} ${answer.status}`;
      heard.set(outcome, (heard.get(outcome) ?? 0) + 1);
    };
    for (let index = 0; index < requests; index += inFlight)
      await Promise.all(Array.from({ length: inFlight }, (_, offset) => next(index + offset)));
    expect(complaints.slice(0, 20)).toEqual([]);
    expect(await wholeDatabase()).toEqual(before);
    expect(world.logged.filter(({ level }) => level === "error")).toEqual([]);
    const statuses = new Set(Array.from(heard.keys(), (outcome) => outcome.slice(-3)));
    expect([...statuses].sort()).toEqual(["400", "401", "404", "405", "413", "414", "415", "422"]);
  });
});
