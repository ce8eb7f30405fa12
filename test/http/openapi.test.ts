import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { errorCodes } from "../../src/contract/errors.ts";
import { routes } from "../../src/http/routes.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";

const Document = z.looseObject({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ operationId: z.string(), responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

let world: ApiWorld;
let text: string;
let document: z.infer<typeof Document>;
beforeAll(async () => {
  world = await openApiWorld();
  const answer = await world.request("get", "/openapi.json");
  text = answer.text;
  document = answer.json(Document);
});
afterAll(() => world.stop());

const pathOf = (path: string) => path.replace(/:(\w+)/g, "{$1}");

describe("the OpenAPI document", () => {
  it("is valid 3.1", async () => {
    const result = await new Validator().validate(JSON.parse(text));
    expect(result.errors ?? []).toEqual([]);
    expect([result.valid, document.openapi]).toEqual([true, "3.1.0"]);
  });

  it("has every route, and nothing else", () => {
    const told = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(told.sort()).toEqual(routes.map(({ method, path }) => `${method} ${pathOf(path)}`).sort());
  });

  it("gives every operation its own id, its answers and the problem", () => {
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length);
    for (const { method, path, operationId, answers } of routes) {
      const operation = document.paths[pathOf(path)]?.[method];
      expect(operation?.operationId).toBe(operationId);
      expect(Object.keys(operation?.responses ?? {}).sort()).toEqual([...Object.keys(answers), "default"].sort());
    }
  });

  it("resolves every reference, and uses every schema", () => {
    const references = new Set(Array.from(text.matchAll(/"\$ref":"([^"]+)"/g), ([, reference]) => reference));
    expect(references.size).toBeGreaterThan(5);
    const schemas = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...references].sort()).toEqual(schemas.sort());
  });

  it("names every error code, and takes no number for money", () => {
    const { Problem } = document.components.schemas;
    expect(Problem).toMatchObject({ properties: { code: { enum: [...errorCodes] } } });
    expect(text).not.toMatch(/"(?:budget|credits)":\{"type":"(?:number|integer)"/);
  });
});

describe("the reference page", () => {
  it("mentions no outside host, runs no script, and shows every operation", async () => {
    const page = await world.request("get", "/docs");
    expect(page.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    expect(page.text).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=/i);
    const addresses = Array.from(page.text.matchAll(/(?:src|href|action)="([^"]*)"/g), ([, address]) => address);
    expect(addresses).toEqual(["openapi.json"]);
    for (const { operationId } of routes) expect(page.text).toContain(`id="${operationId}"`);
  });

  it("may load nothing by its own policy, and be framed by nobody", async () => {
    const { headers } = await world.request("get", "/docs");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|\*|script-src|unsafe-eval/);
  });

  it("shows what schemas say as text, never as markup", async () => {
    const { docsPage } = await import("../../src/http/docs-page.ts");
    const { buildOpenApi } = await import("../../src/http/openapi.ts");
    const built = buildOpenApi();
    const hostile = { ...built, info: { ...built.info, version: "<img src=x onerror=alert(1)>" } };
    expect(docsPage(hostile)).not.toContain("<img");
  });
});
