import { type SqlSource, withoutComments } from "./source.ts";
import { insideParentheses, splitList } from "./statements.ts";

/** What a function reads of a value of jsonb. The elements of an array count as the array. */
export interface KeyTree {
  readonly keys: Map<string, KeyTree>;
  /** It is stored or handed on as it is, with whatever it holds. */
  isWhole: boolean;
}

const CHAIN = /^(?:\s*->>?\s*'\w+')*/;
const KEY = /(->>?)\s*'(\w+)'/g;
const COMPARED = /^\s*(?:<>|=|IS\b)/;
const UNREAD = /^(?:jsonb_array_length|jsonb_typeof|jsonb_array_elements_text)$/;
const TRANSPARENT = /^(?:coalesce|nullif|jsonb_build_array)?$/;
const COLUMNS_OF_ROWS = /^\s*(?:AS\s+)?(\w+)\s*(?=\()/;

interface Reading {
  readonly body: string;
  readonly sources: ReadonlyMap<string, SqlSource>;
  readonly treeByAlias: Map<string, KeyTree>;
}

export function readKeys(source: SqlSource, parameter: string, sources: Reading["sources"]): KeyTree {
  const body = bodyOf(source);
  const tree: KeyTree = { keys: new Map(), isWhole: false };
  const reading: Reading = { body, sources, treeByAlias: new Map([[parameter, tree]]) };
  // Names for parts of the value are found on the way, and added at the end.
  for (const [alias, part] of reading.treeByAlias) {
    for (const { index } of body.matchAll(namesOf(alias))) readAt(reading, part, index, index + alias.length);
  }
  return tree;
}

/** Where the name is used, not where it is given. */
function namesOf(alias: string): RegExp {
  return new RegExp(`(?<![\\w.'>]|\\b(?:AS|INTO)\\s+|\\)\\s+)${alias}\\b(?!\\s*(?:\\(|:=|jsonb\\b))`, "g");
}

function bodyOf({ statements: [declaration = ""] }: SqlSource): string {
  const text = withoutComments(declaration);
  return text.slice(text.indexOf("$$") + 2, text.lastIndexOf("$$"));
}

/** One place that names the value: follows its keys, then looks at what is done with what they lead to. */
function readAt(reading: Reading, tree: KeyTree, start: number, nameEnd: number): void {
  const [chain] = CHAIN.exec(reading.body.slice(nameEnd)) ?? [""];
  const keys = [...chain.matchAll(KEY)];
  let part = tree;
  for (const [, , key = ""] of keys) part = childOf(part, key);
  if (keys.at(-1)?.[1] !== "->>") useAt(reading, part, start, nameEnd + chain.length);
}

function childOf({ keys }: KeyTree, key: string): KeyTree {
  const child = keys.get(key) ?? { keys: new Map(), isWhole: false };
  keys.set(key, child);
  return child;
}

function useAt(reading: Reading, part: KeyTree, start: number, end: number): void {
  const { body, treeByAlias } = reading;
  const assigned = /(\w+)(?:\s+jsonb)?\s*:=\s*$/.exec(body.slice(0, start))?.[1];
  if (assigned !== undefined) treeByAlias.set(assigned, part);
  else if (!COMPARED.test(body.slice(end))) {
    const call = callAround(body, start);
    if (call === null) part.isWhole = true;
    else useIn(reading, part, call);
  }
}

function useIn(reading: Reading, part: KeyTree, call: Call): void {
  const { body, sources } = reading;
  const called = sources.get(call.name);
  if (called !== undefined) merge(part, readKeys(called, parameterAt(called, call.index), sources));
  else if (TRANSPARENT.test(call.name)) useAt(reading, part, call.start, call.end);
  else if (/^jsonb_to_record(?:set)?$/.test(call.name)) readColumns(part, body.slice(call.end));
  else if (call.name === "jsonb_array_elements") nameElements(reading, part, call.end);
  else if (!UNREAD.test(call.name)) part.isWhole = true;
}

function readColumns(part: KeyTree, rest: string): void {
  const [head] = COLUMNS_OF_ROWS.exec(rest) ?? [""];
  for (const column of splitList(insideParentheses(rest, head.length))) childOf(part, column.split(/\s/)[0] ?? "");
}

function nameElements({ body, treeByAlias }: Reading, part: KeyTree, end: number): void {
  const [, alias] = /^\s*(?:AS\s+)?(\w+)/.exec(body.slice(end)) ?? [];
  if (alias !== undefined) treeByAlias.set(alias, part);
}

function parameterAt({ parameters }: SqlSource, index: number): string {
  return splitList(parameters)[index]?.split(/\s/)[0] ?? "";
}

function merge(tree: KeyTree, other: KeyTree): void {
  tree.isWhole ||= other.isWhole;
  for (const [key, child] of other.keys) merge(childOf(tree, key), child);
}

interface Call {
  readonly name: string;
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** The innermost call that has this place among its arguments. */
function callAround(body: string, place: number): Call | null {
  let depth = 0;
  let index = 0;
  for (let at = place - 1; at >= 0; at -= 1) {
    if (body[at] === ")") depth += 1;
    if (body[at] === "," && depth === 0) index += 1;
    if (body[at] !== "(") continue;
    if (depth === 0) {
      const [name = ""] = /\w*$/.exec(body.slice(0, at)) ?? [];
      return { name, index, start: at - name.length, end: at + insideParentheses(body, at).length + 2 };
    }
    depth -= 1;
  }
  return null;
}
