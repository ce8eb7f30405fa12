import * as z from "zod";
import {
  type BatchOptions,
  type IsolationLevel,
  SqlError,
  type SqlResult,
  type SqlStatement,
  sqlErrorFields,
} from "../postgres/backend.ts";

const maxRequestBytes = 10 * 1024 * 1024;

class NeonRequestError extends Error {
  override readonly name = "NeonRequestError";
  readonly status: 400 | 413;

  constructor(message: string, status: 400 | 413 = 400) {
    super(message);
    this.status = status;
  }
}

type Json = z.infer<ReturnType<typeof z.json>>;
const Query = z.object({ query: z.string(), params: z.array(z.json()).default([]) });
const Payload = z.union([z.object({ queries: z.array(Query) }), Query]);

export type NeonPayload =
  | { readonly kind: "single"; readonly statement: SqlStatement }
  | { readonly kind: "batch"; readonly statements: readonly SqlStatement[] };

export function parsePayload(body: string): NeonPayload {
  if (Buffer.byteLength(body) > maxRequestBytes) {
    throw new NeonRequestError(`request is too large (max is ${maxRequestBytes} bytes)`, 413);
  }
  const parsed = Payload.safeParse(parseJson(body));
  if (!parsed.success) throw unreadable(z.prettifyError(parsed.error));
  if ("queries" in parsed.data) return { kind: "batch", statements: parsed.data.queries.map(toStatement) };
  return { kind: "single", statement: toStatement(parsed.data) };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body, refuseLoneSurrogates);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

/** Neon's parser, unlike JavaScript's, refuses them. */
function refuseLoneSurrogates(_key: string, value: unknown): unknown {
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new Error("lone surrogate in hex escape");
  return value;
}

function unreadable(reason: string): NeonRequestError {
  return new NeonRequestError(`could not parse the HTTP request body: ${reason}`);
}

function toStatement({ query, params }: z.infer<typeof Query>): SqlStatement {
  return { sql: query, params: params.map(jsonToPostgresText) };
}

/** Neon's rule for parameters that are not strings yet; the driver sends strings, hand-written callers may not. */
function jsonToPostgresText(value: Json): string | null {
  if (value === null || typeof value === "string") return value;
  return Array.isArray(value) ? jsonToPostgresArray(value) : JSON.stringify(value);
}

function jsonToPostgresArray(values: readonly Json[]): string {
  const items = values.map((value) => {
    if (value === null) return "NULL";
    if (Array.isArray(value)) return jsonToPostgresArray(value);
    return JSON.stringify(typeof value === "object" ? JSON.stringify(value) : value);
  });
  return `{${items.join(",")}}`;
}

const isolationLevelByHeader: ReadonlyMap<string, IsolationLevel> = new Map([
  ["ReadUncommitted", "READ UNCOMMITTED"],
  ["ReadCommitted", "READ COMMITTED"],
  ["RepeatableRead", "REPEATABLE READ"],
  ["Serializable", "SERIALIZABLE"],
]);

export function parseBatchOptions(headers: Headers): BatchOptions {
  const level = headers.get("neon-batch-isolation-level");
  const isolationLevel = level === null ? undefined : isolationLevelByHeader.get(level);
  if (level !== null && isolationLevel === undefined) throw new NeonRequestError("invalid isolation level");
  return {
    ...(isolationLevel && { isolationLevel }),
    readOnly: headers.get("neon-batch-read-only") === "true",
    deferrable: headers.get("neon-batch-deferrable") === "true",
  };
}

/** The driver always asks for raw text in arrays; another form would be answered wrongly, so it is refused. */
export function checkOutputHeaders(headers: Headers): void {
  for (const name of ["neon-raw-text-output", "neon-array-mode"]) {
    if (headers.get(name) !== "true") throw new NeonRequestError(`this stand-in answers only with ${name}: true`);
  }
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export function checkConnectionString(header: string | null, expected: Credentials): void {
  if (header === null) throw new NeonRequestError("invalid header: neon-connection-string");
  const given = parseConnectionString(header);
  if (given.user === expected.user && given.password === expected.password) return;
  throw new NeonRequestError(`password authentication failed for user '${given.user}'`);
}

function parseConnectionString(header: string): Credentials {
  if (!URL.canParse(header)) throw new NeonRequestError("invalid connection string: relative URL without a base");
  const url = new URL(header);
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") throw new NeonRequestError("incorrect scheme");
  if (url.pathname.length < 2) throw new NeonRequestError("missing database name");
  if (url.username === "") throw new NeonRequestError("missing username");
  if (url.password === "") throw new NeonRequestError("missing authentication credentials: required password");
  return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

export function toWireResult(result: SqlResult) {
  return { ...result, rowAsArray: true };
}

export interface WireError {
  readonly status: 400 | 413 | 500;
  readonly body: Readonly<Record<string, string | null>>;
}

export function toWireError(error: unknown): WireError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NeonRequestError) return { status: error.status, body: errorBody(message) };
  if (!(error instanceof SqlError)) return { status: 500, body: errorBody(message) };
  const details = sqlErrorFields.map((field) => [field, error.details[field] ?? null]);
  return { status: 400, body: { message, ...Object.fromEntries(details) } };
}

/** What Neon's proxy answers when its connection to the database breaks at BEGIN, in a query or at COMMIT. */
export const computeGone = { status: 400, body: errorBody("connection closed") } as const;

/** Neon leaves code and severity empty, and the rest null, when the error is not Postgres's own. */
function errorBody(message: string): WireError["body"] {
  const nulls = sqlErrorFields.map((field) => [field, null]);
  return { message, ...Object.fromEntries(nulls), code: "", severity: "" };
}
