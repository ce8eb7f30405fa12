import { neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { errorOf } from "../support/error-of.ts";

neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;

describe("the Neon stand-in's faults", () => {
  let database: TestDatabase;
  let sql: ReturnType<typeof neon<false, false>>;

  beforeAll(async () => {
    // The driver's fetch is one for the whole process; the product's puts a signal of its own in the caller's place.
    neonConfig.fetchFunction = (url: string, init: RequestInit) => fetch(url, init);
    database = await openTestDatabase({ migrationsFolder: "/nonexistent/migrations" });
    sql = neon(database.connectionString);
    await sql`create table items (id int primary key)`;
  });
  afterEach(() => faults("DELETE"));
  afterAll(() => database.stop());

  it("answers nobody without the stand-in's token, and no unknown switch", async () => {
    const url = `${database.neon.url}/_faults`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(`${url}/stats`, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
    expect((await faults("PUT", { dwon: true })).status).toBe(400);
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it("cuts every connection while down, and serves again when cleared", async () => {
    await faults("PUT", { down: true });
    expect(await errorOf(sql`select 1`)).toMatchObject({ message: expect.stringContaining("fetch failed") });
    expect(await errorOf(sql`select 1`)).toMatchObject({ message: expect.stringContaining("fetch failed") });
    await faults("DELETE");
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it("fails as many requests as asked, running none of them", async () => {
    await faults("PUT", { fail_next: 2 });
    expect(await errorOf(sql`insert into items values (1)`)).toMatchObject({ message: expect.stringContaining("500") });
    expect(await errorOf(sql`insert into items values (2)`)).toMatchObject({ message: expect.stringContaining("500") });
    expect(await sql`insert into items values (3) returning id`).toEqual([{ id: 3 }]);
    expect(await sql`select id from items`).toEqual([{ id: 3 }]);
  });

  it("answers for a lost compute as Neon's proxy does, running nothing", async () => {
    await faults("PUT", { fail_next: 1, strike: "compute_gone" });
    expect(await errorOf(sql`insert into items values (5)`)).toMatchObject({
      name: "NeonDbError",
      message: "connection closed",
      code: "",
    });
    expect(await sql`select from items where id = 5`).toEqual([]);
  });

  it("commits and then loses the answer", async () => {
    await faults("PUT", { drop_answer: 1 });
    expect(await errorOf(sql`insert into items values (10)`)).toMatchObject({
      message: expect.stringContaining("fetch failed"),
    });
    expect(await sql`select id from items where id = 10`).toEqual([{ id: 10 }]);
  });

  it("hangs until the caller gives up, running nothing", async () => {
    await faults("PUT", { hang: 1 });
    const caller = new AbortController();
    const impatient = neon(database.connectionString, { fetchOptions: { signal: caller.signal } });
    const given = errorOf(impatient`insert into items values (20)`);
    setTimeout(() => caller.abort(), 100);
    expect(await given).toMatchObject({ message: expect.stringContaining("abort") });
    await faults("DELETE");
    expect(await sql`select from items where id = 20`).toEqual([]);
  });

  it("slows an answer by simulated time", async () => {
    await faults("PUT", { slow_ms: 3_600_000, time_scale: 1_000_000 });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it("strikes the same requests for the same seed, whatever the strike", async () => {
    const first = await outcomes({ rate: 0.5, seed: 7 });
    expect(new Set(first)).toEqual(new Set(["answered", "failed"]));
    expect(await outcomes({ rate: 0.5, seed: 7, strike: "reset" })).toEqual(first);
    expect(await outcomes({ rate: 0.5, seed: 8 })).not.toEqual(first);
  });

  it("shows and resets the counts over HTTP", async () => {
    await stats("DELETE");
    await sql.transaction([sql`select 1`, sql`select 2`]);
    expect(await stats("GET")).toEqual({ requests: 1, statements: 2 });
    expect(await stats("DELETE")).toEqual({ requests: 0, statements: 0 });
  });

  function call(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { authorization: "Bearer test-password", "content-type": "application/json" };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return fetch(`${database.neon.url}${path}`, init);
  }

  function faults(method: "PUT" | "DELETE", body?: unknown): Promise<Response> {
    return call(method, "/_faults", body);
  }

  async function stats(method: "GET" | "DELETE"): Promise<unknown> {
    return (await call(method, "/_faults/stats")).json();
  }

  async function outcomes(switches: object): Promise<readonly string[]> {
    await faults("PUT", switches);
    const seen: string[] = [];
    for (let request = 0; request < 16; request += 1) {
      seen.push(await sql`select 1`.then(() => "answered").catch(() => "failed"));
    }
    return seen;
  }
});
