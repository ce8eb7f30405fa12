import type { Page } from "../contract/lists.ts";
import { likingFor } from "./accept.ts";
import { basePath } from "./base-path.ts";
import { toCsv } from "./csv.ts";
import { json, type Rendered } from "./rendered.ts";

interface Sheet {
  /** Without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
}

interface SheetPage extends Sheet {
  /** Below /api/v1. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | undefined>>;
  readonly header: (name: string) => string | undefined;
}

type Row = Readonly<Record<string, string | number | boolean | null>>;

const varies = { Vary: "Accept" };

/** A page as the client prefers it: JSON, or CSV whose next page stands in the Link header (RFC 8288). */
export function sheetPage(page: Page<Row>, { path, query, header, ...sheet }: SheetPage): Rendered {
  if (!prefersCsv(header("accept"))) return json(200, page, varies);
  const link = page.next_cursor === null ? {} : { Link: linkToNext(path, { ...query, cursor: page.next_cursor }) };
  return asSheet(sheet, page.data, { ...varies, ...link });
}

function asSheet({ name, columns }: Sheet, rows: readonly Row[], headers: Rendered["headers"]): Rendered {
  const cells = rows.map((row) => columns.map((column) => row[column] ?? null));
  return {
    status: 200,
    headers: {
      "Content-Type": "text/csv; charset=UTF-8; header=present",
      "Content-Disposition": `attachment; filename="${name}.csv"`,
      ...headers,
    },
    body: toCsv(columns, cells),
  };
}

/** JSON unless the client names CSV and likes it better; a wildcard names nothing. */
export function prefersCsv(accept: string | undefined): boolean {
  return likingFor(accept, "text/csv") > likingFor(accept, "application/json");
}

function linkToNext(path: string, query: SheetPage["query"]): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return `<${basePath}${path}?${new URLSearchParams(parameters)}>; rel="next"`;
}
