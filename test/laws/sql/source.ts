import { insideParentheses, splitList, splitStatements } from "./statements.ts";

/** A function, procedure or view of the database, as its file declares it. */
export interface SqlSource {
  /** Below src/adapters/neon/functions. */
  readonly path: string;
  readonly kind: "FUNCTION" | "PROCEDURE" | "VIEW";
  readonly name: string;
  /** Between the parentheses, without defaults, as DROP takes them; none of a view. */
  readonly parameters: string;
  readonly returns: string;
  readonly language: string;
  /** Null: whoever migrates. */
  readonly owner: string | null;
  /** The declaration with the comment above it, then rights and owner. */
  readonly statements: readonly string[];
}

const DECLARATION = /^((?:--[^\n]*\n)*)CREATE (?:OR REPLACE )?(FUNCTION|PROCEDURE|VIEW)\s+(\w+)\s*/;
const OWNER = /^ALTER (?:FUNCTION|PROCEDURE|VIEW)\s[\s\S]*\sOWNER TO (\w+);$/;
const RETURNS = /^\)?\s*(?:RETURNS\s+([\s\S]+?))??\s*\b(?:LANGUAGE|IMMUTABLE|STABLE|VOLATILE|SECURITY|SET|AS)\b/;

export function parseSource(path: string, text: string): SqlSource {
  return toSource(path, splitStatements(text));
}

export function toSource(path: string, statements: readonly string[]): SqlSource {
  const [declaration = ""] = statements;
  const found = DECLARATION.exec(declaration);
  const [head = "", , kind, name] = found ?? [];
  if (name === undefined || !isKind(kind)) throw new Error(`${path}: does not begin with a CREATE OR REPLACE`);
  const owner = statements.map((statement) => OWNER.exec(statement)?.[1]).find((role) => role !== undefined) ?? null;
  const common = { path, kind, name, owner, statements };
  if (kind === "VIEW") return { ...common, parameters: "", returns: "", language: "sql" };
  const parameters = insideParentheses(declaration, head.length);
  const rest = declaration.slice(head.length + parameters.length + 1);
  return {
    ...common,
    parameters: toSpaced(splitList(parameters).map(withoutDefault).join(", ")),
    returns: toSpaced(RETURNS.exec(rest)?.[1] ?? ""),
    language: /\bLANGUAGE\s+(\w+)/.exec(rest)?.[1] ?? "",
  };
}

/** As its file has it. */
export function sourceText({ statements: [declaration = "", ...rights] }: SqlSource): string {
  return `${[declaration, ...(rights.length === 0 ? [] : ["", ...rights])].join("\n")}\n`;
}

/** Whether CREATE OR REPLACE makes the one from the other, rights and all. */
export function isReplaceable(before: SqlSource, after: SqlSource): boolean {
  return before.kind !== "VIEW" && JSON.stringify(contractOf(before)) === JSON.stringify(contractOf(after));
}

function contractOf({ kind, parameters, returns, statements }: SqlSource): readonly unknown[] {
  return [kind, parameters, returns, ...statements.slice(1)];
}

export function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(withoutComments(text));
}

export function withoutComments(text: string): string {
  return text.replaceAll(/--[^\n]*/g, "");
}

function withoutDefault(parameter: string): string {
  return parameter.replace(/\s+(?:DEFAULT\s|:?=)[\s\S]*$/i, "");
}

function toSpaced(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function isKind(word: string | undefined): word is SqlSource["kind"] {
  return word === "FUNCTION" || word === "PROCEDURE" || word === "VIEW";
}
