import { basePath } from "../../../src/http/base-path.ts";
import type { Route } from "../../../src/http/route.ts";
import { fillPath, paramNames, sampleBody } from "../../support/route-samples.ts";
import type { Chance } from "./chance.ts";
import { wrongHeaders, wrongJson, wrongParts, wrongQueries, wrongTexts, wrongTypes, wrongValues } from "./wrong.ts";

export interface Malformed {
  readonly request: Request;
  readonly kind: string;
  /** What was sent, short enough to read. */
  readonly shown: string;
}

/** Whose ids fill the parts of a request that are right. */
export type Ids = Readonly<Record<string, string>>;

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

interface Aim {
  readonly route: Route;
  readonly ids: Ids;
  readonly token: string;
}

type Malform = (chance: Chance, parts: Parts, aim: Aim) => Parts;

/** A request that is right but for one thing. */
export function malform(chance: Chance, aim: Aim): Malformed {
  const [kind, spoil] = chance.pick(kindsFor(aim.route));
  const parts = spoil(chance, rightParts(aim), aim);
  const url = `http://api.test${basePath}${parts.path}${parts.query}`;
  const init = { method: parts.method, headers: parts.headers, ...(parts.body === null ? {} : { body: parts.body }) };
  const shown = `${kind}: ${parts.method} ${(parts.path + parts.query).slice(0, 200)} ${describe(parts.body)}`;
  return { request: new Request(url, init), kind, shown };
}

function rightParts({ route, ids, token }: Aim): Parts {
  const body = sampleBody(route);
  return {
    method: route.method.toUpperCase(),
    path: fillPath(route, ids),
    query: "",
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  };
}

type Kind = readonly [string, Malform];

function kindsFor(route: Route): readonly [Kind, ...Kind[]] {
  const always: readonly [Kind, ...Kind[]] = [
    ["method", wrongMethod],
    ["path", wrongPath],
    ["token", wrongToken],
    ["long URL", longUrl],
  ];
  const some: readonly (Kind | false)[] = [
    paramNames(route).length > 0 && (["parameter", wrongParameter] as const),
    route.query !== undefined && (["query", wrongQuery] as const),
    route.isCreate === true && (["idempotency key", wrongIdempotencyKey] as const),
    ...(route.body === undefined
      ? []
      : ([
          ["content type", wrongContentType],
          ["broken JSON", brokenJson],
          ["another type", anotherType],
          ["a wrong field", wrongField],
          ["an unknown field", unknownField],
        ] as const)),
  ];
  // The body's are where the most can go wrong, so they are drawn twice as often.
  const bodily = some.filter((kind): kind is Kind => kind !== false);
  return [...always, ...bodily, ...bodily];
}

const wrongMethod: Malform = (chance, parts) => {
  const method = chance.pick(["PROPFIND", "LINK", "PURGE", "M-SEARCH", "X".repeat(50), "get!"]);
  return { ...parts, method, body: null };
};

const wrongPath: Malform = (chance, parts) => {
  const at = chance.below(parts.path.length) + 1;
  return { ...parts, path: `${parts.path.slice(0, at)}/${chance.pick(wrongParts)}${parts.path.slice(at)}/nowhere` };
};

const wrongToken: Malform = (chance, parts) => {
  const authorization = chance.pick(wrongHeaders);
  return { ...parts, headers: { ...parts.headers, authorization } };
};

const longUrl: Malform = (chance, parts) => ({
  ...parts,
  query: `?${chance.pick(["cursor", "x", "limit"])}=${"x".repeat(8_193 + chance.below(20_000))}`,
});

const wrongParameter: Malform = (chance, parts, { route, ids }) => {
  const [first = "", ...others] = paramNames(route);
  const name = chance.pick([first, ...others]);
  return { ...parts, path: fillPath(route, { ...ids, [name]: chance.pick(wrongParts) }) };
};

const wrongQuery: Malform = (chance, parts) => ({ ...parts, query: `?${chance.pick(wrongQueries)}` });

const wrongIdempotencyKey: Malform = (chance, parts) => {
  const key = chance.pick(["", "k".repeat(256), "é", "a\tb", "k".repeat(5_000)]);
  return { ...parts, headers: { ...parts.headers, "idempotency-key": key } };
};

const wrongContentType: Malform = (chance, parts) => {
  const { "content-type": _, ...headers } = parts.headers;
  return { ...parts, headers: { ...headers, "content-type": chance.pick(wrongTypes) } };
};

const brokenJson: Malform = (chance, parts) => {
  const text = String(parts.body);
  const cut = chance.below(text.length - 1);
  const broken = chance.pick([text.slice(0, cut), `${text.slice(0, cut)}\0${text.slice(cut)}}`, `${text}${text}`]);
  return { ...parts, body: chance.isLucky(0.5) ? broken : chance.pick(wrongJson) };
};

const anotherType: Malform = (chance, parts) => ({
  ...parts,
  body: chance.pick([
    "null",
    "true",
    "0",
    "-1e999",
    '"text"',
    "[]",
    "[{}]",
    `[${parts.body}]`,
    "[".repeat(5e3) + "]".repeat(5e3),
  ]),
});

/** One field of the body, at any depth, becomes something that no field of ours may be. */
const wrongField: Malform = (chance, parts, aim) => {
  const body: unknown = JSON.parse(String(parts.body));
  const fields = Object.keys(Object(body));
  const [first, ...others] = fields;
  if (first === undefined) return unknownField(chance, parts, aim);
  const wrong = chance.isLucky(0.5) ? chance.pick(wrongValues) : JSON.stringify(chance.pick(wrongTexts));
  const pairs = Object.entries(Object(body)).map(
    ([name, value]) => [name, JSON.stringify(value)] as readonly [string, string],
  );
  const spoilt = chance.pick([first, ...others]);
  return {
    ...parts,
    body: `{${pairs.map(([name, json]) => `"${name}":${name === spoilt ? wrong : json}`).join(",")}}`,
  };
};

const unknownField: Malform = (chance, parts) => {
  const name = chance.pick([
    "owner_id",
    "__proto__",
    "constructor",
    "toString",
    "",
    "ID",
    "\0",
    "\ud800",
    "a/b~c",
    "x".repeat(3_000),
  ]);
  const text = String(parts.body);
  const comma = text === "{}" ? "" : ",";
  return { ...parts, body: `${text.slice(0, -1)}${comma}${JSON.stringify(name)}:${chance.pick(wrongValues)}}` };
};

function describe(body: Parts["body"]): string {
  return body === null ? "" : String(body).slice(0, 300);
}
