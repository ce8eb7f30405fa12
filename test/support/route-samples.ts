import * as z from "zod";
import type { Route } from "../../src/http/route.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Texts that some pattern of ours may want; each is tried in turn. */
const candidates = [
  "gpt-4o-mini",
  "12.5",
  "2999-01-01T00:00:00Z",
  "0190a000-0000-7000-8000-000000000001",
  "A sample",
  "1",
  "calculator",
];

/** A body that the route's own schema accepts, with every field that it may have. */
export function sampleBody(route: Route): unknown {
  if (route.body === undefined) return undefined;
  const schema = z.toJSONSchema(route.body, { io: "input", unrepresentable: "any" }) as Schema;
  const body = sampleOf(schema, schema);
  const parsed = route.body.safeParse(body);
  if (!parsed.success) throw new Error(`teach sampleBody ${route.operationId}: ${z.prettifyError(parsed.error)}`);
  return body;
}

export function paramNames({ path }: Route): readonly string[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name = ""]) => name);
}

export function fillPath({ path }: Route, valueByParam: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = valueByParam[name];
    if (value === undefined) throw new Error(`no value for :${name} of ${path}`);
    return value;
  });
}

function sampleOf(schema: Schema, root: Schema): unknown {
  if (typeof schema.$ref === "string") return sampleOf(resolve(schema.$ref, root), root);
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if ("const" in schema) return schema.const;
  const choice = [schema.anyOf, schema.oneOf].find(Array.isArray)?.[0];
  if (choice !== undefined) return sampleOf(choice as Schema, root);
  return sampleByType(schema, root);
}

function sampleByType(schema: Schema, root: Schema): unknown {
  switch (schema.type) {
    case "object":
      if (schema.properties === undefined) return smallestJsonSchema;
      return Object.fromEntries(
        Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>).map(([name, property]) => [
          name,
          sampleOf(property, root),
        ]),
      );
    case "array":
      return [sampleOf((schema.items ?? {}) as Schema, root)];
    case "integer":
    case "number":
      return Math.max(1, Number(schema.minimum ?? 1));
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return sampleText(schema);
  }
}

/** A map of anything: it is one of metadata, and of a schema too. */
const smallestJsonSchema = { type: "object" };

function sampleText({ pattern, minLength = 0, format }: Schema): string {
  if (format === "uri") return "https://example.com/hook";
  const isFit = (text: string) =>
    text.length >= Number(minLength) && (typeof pattern !== "string" || new RegExp(pattern).test(text));
  return candidates.find(isFit) ?? "A sample";
}

function resolve(reference: string, root: Schema): Schema {
  const [, , name = ""] = reference.split("/");
  const found = (root.$defs as Readonly<Record<string, Schema>> | undefined)?.[name];
  if (found === undefined) throw new Error(`no definition of ${reference}`);
  return found;
}
