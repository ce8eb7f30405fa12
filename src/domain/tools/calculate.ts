export type Calculated =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "invalid"; readonly fault: string };

const maxCharacters = 500;
const maxLevels = 50;
const maxArguments = 20;

/** Numbers, + - * / % ^, parentheses and a few functions, read by hand: nothing in it can be run. */
export function calculate(expression: string): Calculated {
  if (expression.length > maxCharacters) return { kind: "invalid", fault: `has more than ${maxCharacters} characters` };
  const tokens = tokenize(expression);
  if (typeof tokens === "string") return { kind: "invalid", fault: tokens };
  const reader = createReader(tokens);
  try {
    const value = readSum(reader, 0);
    if (reader.peek() !== END) throw new Unreadable(`has ${shown(reader.peek())} where it should end`);
    return { kind: "number", value: settled(value) };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: "invalid", fault: error.message };
    throw error;
  }
}

class Unreadable extends Error {}

const END = "the end";
const token = /\s*(\d+(?:\.\d+)?|\.\d+|[a-z]+|[-+*/%^(),])/gy;

/** The tokens, or what is wrong with the text. */
function tokenize(text: string): readonly string[] | string {
  const trimmed = text.trimEnd();
  const tokens: string[] = [];
  token.lastIndex = 0;
  let end = 0;
  for (let match = token.exec(trimmed); match !== null; match = token.exec(trimmed)) {
    tokens.push(match[1] ?? "");
    end = token.lastIndex;
  }
  if (end < trimmed.length)
    return `has ${shown([...trimmed.slice(end).trimStart()][0] ?? "")}, which is none of what it may hold`;
  return tokens.length === 0 ? "is empty" : tokens;
}

interface TokenReader {
  peek(): string;
  take(): string;
}

function createReader(tokens: readonly string[]): TokenReader {
  let index = 0;
  return {
    peek: () => tokens[index] ?? END,
    take() {
      index += 1;
      return tokens[index - 1] ?? END;
    },
  };
}

function readSum(reader: TokenReader, level: number): number {
  let value = readProduct(reader, level);
  while (reader.peek() === "+" || reader.peek() === "-") {
    const isPlus = reader.take() === "+";
    const right = readProduct(reader, level);
    value = isPlus ? value + right : value - right;
  }
  return value;
}

function readProduct(reader: TokenReader, level: number): number {
  let value = readSigned(reader, level);
  while (reader.peek() === "*" || reader.peek() === "/" || reader.peek() === "%") {
    const operator = reader.take();
    const right = readSigned(reader, level);
    if (operator !== "*" && right === 0) throw new Unreadable("divides by zero");
    value = operator === "*" ? value * right : operator === "/" ? value / right : value % right;
  }
  return value;
}

function readSigned(reader: TokenReader, level: number): number {
  if (level > maxLevels) throw new Unreadable(`is nested more than ${maxLevels} levels deep`);
  if (reader.peek() === "-") {
    reader.take();
    return -readSigned(reader, level + 1);
  }
  return readPower(reader, level);
}

/** Binds tighter than a sign before it, and from the right: -2^2 is -4, and 2^3^2 is 512. */
function readPower(reader: TokenReader, level: number): number {
  const base = readAtom(reader, level);
  if (reader.peek() !== "^") return base;
  reader.take();
  return base ** readSigned(reader, level + 1);
}

function readAtom(reader: TokenReader, level: number): number {
  const taken = reader.take();
  if (/^[\d.]/.test(taken)) return Number(taken);
  if (taken === "(") {
    const value = readSum(reader, level + 1);
    expectToken(reader, ")");
    return value;
  }
  const apply = functions.get(taken);
  if (apply === undefined) throw new Unreadable(`has ${shown(taken)} where a number should be`);
  expectToken(reader, "(");
  const value = apply(readArguments(reader, level + 1), taken);
  expectToken(reader, ")");
  return value;
}

function readArguments(reader: TokenReader, level: number): readonly number[] {
  const values = [readSum(reader, level)];
  while (reader.peek() === ",") {
    reader.take();
    values.push(readSum(reader, level));
    if (values.length > maxArguments) throw new Unreadable(`gives a function more than ${maxArguments} numbers`);
  }
  return values;
}

function expectToken(reader: TokenReader, expected: string): void {
  const taken = reader.take();
  if (taken !== expected) throw new Unreadable(`has ${shown(taken)} where ${shown(expected)} should be`);
}

type Apply = (values: readonly number[], name: string) => number;

const functions: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ["sqrt", ofOne((value) => Math.sqrt(value))],
  ["abs", ofOne((value) => Math.abs(value))],
  ["round", ofOne((value) => Math.round(value))],
  ["floor", ofOne((value) => Math.floor(value))],
  ["ceil", ofOne((value) => Math.ceil(value))],
  ["min", (values) => Math.min(...values)],
  ["max", (values) => Math.max(...values)],
]);

function ofOne(apply: (value: number) => number): Apply {
  return ([value = 0, ...more], name) => {
    if (more.length > 0) throw new Unreadable(`gives ${name} more than one number`);
    return apply(value);
  };
}

// Fifteen digits are what a double keeps: 0.1 + 0.2 is 0.3, and -0 is 0.
function settled(value: number): number {
  if (!Number.isFinite(value)) throw new Unreadable("has no finite real number as its result");
  return Number(value.toPrecision(15)) + 0;
}

function shown(text: string): string {
  return text === END ? END : JSON.stringify(text.slice(0, 20));
}
