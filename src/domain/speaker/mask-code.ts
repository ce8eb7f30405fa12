const lineWithBreak = /[^\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029]|$)/g;
const fence = /^\s{0,3}(`{3,}|~{3,})(.*)/;
const inlineCode = /`[^`\n\r]+`/g;

/** The same text, as long as it was, with blanks where closed blocks of code are: what is code is nobody's words. */
export function maskBlocks(text: string): string {
  if (!text.includes("```") && !text.includes("~~~")) return text;
  const lines = text.match(lineWithBreak) ?? [];
  const masked: string[] = [];
  let open: { readonly mark: string; readonly at: number } | null = null;
  for (const line of lines) {
    const [, mark = "", info = ""] = fence.exec(line) ?? [];
    if (open === null) {
      if (mark !== "") open = { mark, at: masked.length };
    } else if (mark.startsWith(open.mark) && info.trim() === "") {
      for (let at = open.at; at < masked.length; at++) masked[at] = blank(masked[at] ?? "");
      masked.push(blank(line));
      open = null;
      continue;
    }
    masked.push(line);
  }
  return masked.join("");
}

/** With blanks where code stands within a line, too. */
export function maskCode(text: string): string {
  return maskBlocks(text).replace(inlineCode, blank);
}

function blank(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}
