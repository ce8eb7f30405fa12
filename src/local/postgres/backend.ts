export interface SqlStatement {
  readonly sql: string;
  /** Postgres text values; the server infers their types. */
  readonly params?: readonly (string | null)[];
}

export interface SqlField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeSize: number;
  readonly dataTypeModifier: number;
  readonly format: "text";
}

export interface SqlResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly fields: readonly SqlField[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export type IsolationLevel = "READ UNCOMMITTED" | "READ COMMITTED" | "REPEATABLE READ" | "SERIALIZABLE";

export interface BatchOptions {
  readonly isolationLevel?: IsolationLevel;
  readonly readOnly?: boolean;
  readonly deferrable?: boolean;
}

/** Each call gets a session in which nothing was set before. */
export interface SqlBackend {
  run(statement: SqlStatement): Promise<SqlResult>;
  runBatch(statements: readonly SqlStatement[], options?: BatchOptions): Promise<readonly SqlResult[]>;
  close(): Promise<void>;
}

export const sqlErrorFields = [
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "severity",
  "where",
  "table",
  "column",
  "schema",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

export type SqlErrorDetails = { readonly [Field in (typeof sqlErrorFields)[number]]?: string | undefined };

/** What Postgres itself answered; anything else that goes wrong is another error. */
export class SqlError extends Error {
  override readonly name = "SqlError";
  readonly details: SqlErrorDetails;

  constructor(message: string, details: SqlErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.details = details;
  }
}

export function pickSqlErrorDetails(source: SqlErrorDetails): SqlErrorDetails {
  return Object.fromEntries(sqlErrorFields.map((field) => [field, source[field]]));
}

export function beginStatement({ isolationLevel, readOnly, deferrable }: BatchOptions = {}): string {
  const modes = [
    isolationLevel === undefined ? "" : `ISOLATION LEVEL ${isolationLevel}`,
    readOnly === true ? "READ ONLY" : "",
    deferrable === true ? "DEFERRABLE" : "",
  ].filter((mode) => mode !== "");
  return ["BEGIN", modes.join(", ")].join(" ").trim();
}

/** `INSERT 0 3` counts its last word, `SELECT 3` its second; `CREATE TABLE` counts nothing. */
export function parseCommandTag(tag: string): Pick<SqlResult, "command" | "rowCount"> {
  const [command = "", ...rest] = tag.split(" ");
  const count = command === "INSERT" ? rest[1] : rest[0];
  return { command, rowCount: count !== undefined && /^\d+$/.test(count) ? Number(count) : null };
}
