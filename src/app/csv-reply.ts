import { type CsvCell, toCsv } from "../domain/money/csv.ts";
import type { Reply } from "./reply.ts";

export interface Sheet {
  /** Without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
}

type Row = Readonly<Record<string, CsvCell>>;

export function csvReply({ name, columns }: Sheet, rows: readonly Row[], headers: Reply["headers"]): Reply {
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
