const lineWithBreak = /[^\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029]|$)/g;
const fence = /^\s{0,3}(`{3,}(?!.*`)|~{3,})(.*)/;
const inlineCode = /`[^`\n\r]+`/g;

/** The same text, as long as it was, with blanks where closed blocks of code are: what is code is nobody's words. */
export function maskBlocks(text: string): string {
  if (!text.includes("```") && !text.includes("~~~")) return text;
  const lines = text.match(lineWithBreak) ?? [];
  const masked = [...lines];
  for (const { first, last } of blocksOf(lines))
    for (let at = first; at <= last; at++) masked[at] = blank(lines[at] ?? "");
  return masked.join("");
}

/** With blanks where code stands within a line, too. */
export function maskCode(text: string): string {
  return maskBlocks(text).replace(inlineCode, blank);
}

interface Block {
  readonly first: number;
  readonly last: number;
}

/** From a line that opens a fence to the next that closes it. */
function blocksOf(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let open: { readonly mark: string; readonly first: number } | null = null;
  for (const [at, line] of lines.entries()) {
    const [, mark = "", info = ""] = fence.exec(line) ?? [];
    if (mark === "") continue;
    if (open === null) open = { mark, first: at };
    else if (mark.startsWith(open.mark) && info.trim() === "") {
      blocks.push({ first: open.first, last: at });
      open = null;
    }
  }
  return blocks;
}

function blank(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}
