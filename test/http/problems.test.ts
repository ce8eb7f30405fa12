import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCodes } from "../../src/contract/errors.ts";
import { ProblemType } from "../../src/contract/problem.ts";
import { type ApiWorld, openApiWorld, toRequest } from "../support/api.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

describe("the type of a problem", () => {
  it.each([
    ["get", "/rooms", "unauthorized"],
    ["get", "/nowhere", "not_found"],
    ["put", "/health", "method_not_allowed"],
  ])("of %s %s leads to the page of its code", async (method, path, code) => {
    const request = toRequest(method, path, {});
    const { type } = (await world.send(request)).problem();
    const page = await world.send(new Request(new URL(type, request.url)));
    expect(page.json(ProblemType).code).toBe(code);
  });

  it.each(errorCodes)("explains %s to anyone, without the database", async (code) => {
    world.sqlTrips();
    const page = await world.request("get", `/problems/${code}`);
    expect(page.json(ProblemType)).toMatchObject({ code, status: expect.any(Number) });
    expect(page.headers.get("cache-control")).toBe("public, max-age=300");
    expect(world.sqlTrips()).toBe(0);
  });

  it("has no page for a code that does not exist", async () => {
    expect((await world.request("get", "/problems/nonsense")).problem().code).toBe("not_found");
  });
});
