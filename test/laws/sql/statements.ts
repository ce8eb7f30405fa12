/** What may hide a semicolon, a quote or a parenthesis: comments, texts, quoted names and bodies of functions. */
const OPAQUE = /--[^\n]*|'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)[\s\S]*?\1/y;

/** The statements of an SQL text, each with the comments above it and its semicolon. */
export function splitStatements(text: string): readonly string[] {
  const statements: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; ) {
    at = skipOpaque(text, at);
    if (text[at] === ";") {
      statements.push(text.slice(start, at + 1).trim());
      start = at + 1;
    }
    at += 1;
  }
  const rest = text.slice(start).trim();
  return rest === "" ? statements : [...statements, rest];
}

/** What stands between the parenthesis at `open` and the one that closes it. */
export function insideParentheses(text: string, open: number): string {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    at = skipOpaque(text, at);
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return text.slice(open + 1, at);
  }
  throw new Error(`no parenthesis closes the one in: ${text.slice(open, open + 60)}`);
}

/** The parts of a list between its outermost commas. */
export function splitList(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    at = skipOpaque(text, at);
    if (text[at] === "(" || text[at] === "[") depth += 1;
    if (text[at] === ")" || text[at] === "]") depth -= 1;
    if (text[at] !== "," || depth > 0) continue;
    parts.push(text.slice(start, at).trim());
    start = at + 1;
  }
  const last = text.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}

function skipOpaque(text: string, at: number): number {
  for (let from = at; ; from = OPAQUE.lastIndex) {
    OPAQUE.lastIndex = from;
    if (!OPAQUE.test(text)) return from;
  }
}
