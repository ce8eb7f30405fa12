export type CsvCell = string | number | boolean | null;

/** RFC 4180, with a header line; a spreadsheet that opens it finds text and numbers, never a formula. */
export function toCsv(columns: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [columns, ...rows].map((cells) => `${cells.map(toCell).join(",")}\r\n`).join("");
}

function toCell(cell: CsvCell): string {
  if (cell === null) return "";
  const shown = typeof cell === "string" ? disarm(cell) : String(cell);
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

const plainNumber = /^-?\d+(?:\.\d+)?$/;
// Full-width signs too: spreadsheets of some locales read them as the plain ones.
const formulaStart = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/** A spreadsheet takes what follows an apostrophe for text, and does not show the apostrophe. */
function disarm(text: string): string {
  return formulaStart.test(text) && !plainNumber.test(text) ? `'${text}` : text;
}
