import { join } from "node:path";
import ts from "typescript";
import { root } from "../tree.ts";
import type { KeyTree } from "./jsonb-keys.ts";

/** A TypeScript type that a function's argument is made from. */
export interface Filled {
  readonly name: string;
  /** A value has one of them. */
  readonly types: readonly ts.Type[];
}

export interface TypeReader {
  find(path: string, name: string): Filled;
  /** What one reads and the other does not fill, and the other way round. */
  compare(tree: KeyTree, filled: Filled): readonly string[];
}

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
};

export function openTypes(paths: readonly string[]): TypeReader {
  const program = ts.createProgram(
    paths.map((path) => join(root, path)),
    options,
  );
  const checker = program.getTypeChecker();
  return {
    find(path, name) {
      const file = program.getSourceFile(join(root, path));
      const module = file && checker.getSymbolAtLocation(file);
      const symbol = module && checker.getExportsOfModule(module).find((exported) => exported.name === name);
      if (symbol === undefined) throw new Error(`${path} exports no ${name}`);
      return { name, types: [checker.getDeclaredTypeOfSymbol(symbol)] };
    },
    compare: (tree, filled) => compareAt(checker, tree, filled),
  };
}

function compareAt(checker: ts.TypeChecker, tree: KeyTree, { name, types }: Filled): readonly string[] {
  if (tree.keys.size === 0) return [];
  const objects = types.flatMap((type) => objectsOf(checker, type));
  const filled = new Set(objects.flatMap((object) => checker.getPropertiesOfType(object).map((symbol) => symbol.name)));
  const unread = tree.isWhole ? [] : [...filled].filter((key) => !tree.keys.has(key));
  const unfilled = [...tree.keys.keys()].filter((key) => !filled.has(key));
  const below = [...tree.keys].filter(([key]) => filled.has(key));
  return [
    ...unread.map((key) => `${name}.${key} is filled and never read`),
    ...unfilled.map((key) => `${name}.${key} is read and never filled`),
    ...below.flatMap(([key, child]) =>
      compareAt(checker, child, { name: `${name}.${key}`, types: typesOf(checker, objects, key) }),
    ),
  ];
}

function typesOf(checker: ts.TypeChecker, objects: readonly ts.Type[], key: string): readonly ts.Type[] {
  return objects.flatMap((object) => {
    const symbol = checker.getPropertyOfType(object, key);
    return symbol === undefined ? [] : checker.getTypeOfSymbol(symbol);
  });
}

/** The objects among what a value may be: of a union each, of an array its elements. */
function objectsOf(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  if (type.isUnion()) return type.types.flatMap((part) => objectsOf(checker, part));
  const element = checker.isArrayType(type) ? checker.getIndexTypeOfType(type, ts.IndexKind.Number) : undefined;
  if (element !== undefined) return objectsOf(checker, element);
  return (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0 ? [] : [type];
}
