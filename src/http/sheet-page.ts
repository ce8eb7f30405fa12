import { csvReply, type Sheet } from "../app/csv-reply.ts";
import { json, type Reply } from "../app/reply.ts";
import type { Page } from "../contract/lists.ts";
import { likingFor } from "./accept.ts";

interface SheetPage extends Sheet {
  /** Below /api/v1. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | undefined>>;
  readonly header: (name: string) => string | undefined;
}

type Row = Readonly<Record<string, string | number | boolean | null>>;

const varies = { Vary: "Accept" };

/** A page as the client prefers it: JSON, or CSV whose next page stands in the Link header (RFC 8288). */
export function sheetPage(page: Page<Row>, { path, query, header, ...sheet }: SheetPage): Reply {
  if (!prefersCsv(header("accept"))) return json(200, page, varies);
  const link = page.next_cursor === null ? {} : { Link: linkToNext(path, { ...query, cursor: page.next_cursor }) };
  return csvReply(sheet, page.data, { ...varies, ...link });
}

/** JSON unless the client names CSV and likes it better; a wildcard names nothing. */
export function prefersCsv(accept: string | undefined): boolean {
  return likingFor(accept, "text/csv") > likingFor(accept, "application/json");
}

function linkToNext(path: string, query: SheetPage["query"]): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return `</api/v1${path}?${new URLSearchParams(parameters)}>; rel="next"`;
}
