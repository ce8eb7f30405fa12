const maxDelayMs = 86_400_000;
const maxExpressionLength = 256;

export type RetryDelay = (retried: number) => number;

type Evaluate = (retried: number) => number;
type MathFunction = (...values: readonly number[]) => number;

interface Cursor {
  readonly tokens: readonly string[];
  position: number;
}

const functionByName: ReadonlyMap<string, MathFunction> = new Map<string, MathFunction>([
  ["pow", (base = Number.NaN, exponent = Number.NaN) => base ** exponent],
  ["sqrt", (value = Number.NaN) => Math.sqrt(value)],
  ["abs", (value = Number.NaN) => Math.abs(value)],
  ["exp", (value = Number.NaN) => Math.exp(value)],
  ["floor", (value = Number.NaN) => Math.floor(value)],
  ["ceil", (value = Number.NaN) => Math.ceil(value)],
  ["round", (value = Number.NaN) => Math.round(value)],
  ["min", Math.min],
  ["max", Math.max],
]);

/** Compiles an Upstash-Retry-Delay expression to milliseconds by retries so far; undefined when it is not one. */
export function parseRetryDelay(expression: string): RetryDelay | undefined {
  if (expression.length > maxExpressionLength) return undefined;
  const tokens = tokenize(expression);
  if (tokens === undefined) return undefined;
  const cursor: Cursor = { tokens, position: 0 };
  const evaluate = readSum(cursor);
  if (evaluate === undefined || cursor.position !== tokens.length) return undefined;
  return (retried) => clampDelay(evaluate(retried));
}

/** The default backoff: min(86 400, e^(2.5n)) seconds for the n-th retry. */
export function defaultRetryDelay(retried: number): number {
  return Math.round(Math.min(maxDelayMs, Math.exp(2.5 * (retried + 1)) * 1000));
}

function clampDelay(delayMs: number): number {
  if (Number.isNaN(delayMs)) return 0;
  return Math.round(Math.min(maxDelayMs, Math.max(0, delayMs)));
}

function tokenize(expression: string): readonly string[] | undefined {
  const tokens = expression.match(/\d+(?:\.\d+)?|[a-z]+|[-+*/(),]/g) ?? [];
  return tokens.join("") === expression.replace(/\s+/g, "") ? tokens : undefined;
}

function takeOne(cursor: Cursor, allowed: readonly string[]): string | undefined {
  const token = cursor.tokens[cursor.position];
  if (token === undefined || !allowed.includes(token)) return undefined;
  cursor.position += 1;
  return token;
}

function readSum(cursor: Cursor): Evaluate | undefined {
  return readChain(cursor, ["+", "-"], readProduct);
}

function readProduct(cursor: Cursor): Evaluate | undefined {
  return readChain(cursor, ["*", "/"], readFactor);
}

function readChain(
  cursor: Cursor,
  operators: readonly string[],
  readPart: (cursor: Cursor) => Evaluate | undefined,
): Evaluate | undefined {
  let left = readPart(cursor);
  while (left !== undefined) {
    const operator = takeOne(cursor, operators);
    if (operator === undefined) return left;
    const right = readPart(cursor);
    left = right === undefined ? undefined : combine(operator, left, right);
  }
  return undefined;
}

function combine(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === "+") return (retried) => left(retried) + right(retried);
  if (operator === "-") return (retried) => left(retried) - right(retried);
  if (operator === "*") return (retried) => left(retried) * right(retried);
  return (retried) => left(retried) / right(retried);
}

function readFactor(cursor: Cursor): Evaluate | undefined {
  if (takeOne(cursor, ["-"]) !== undefined) {
    const inner = readFactor(cursor);
    return inner === undefined ? undefined : (retried) => -inner(retried);
  }
  if (takeOne(cursor, ["("]) !== undefined) return closed(cursor, readSum(cursor));
  const token = cursor.tokens[cursor.position];
  if (token === undefined) return undefined;
  cursor.position += 1;
  if (token === "retried") return (retried) => retried;
  if (/^\d/.test(token)) return () => Number(token);
  return readCall(cursor, token);
}

function readCall(cursor: Cursor, name: string): Evaluate | undefined {
  const apply = functionByName.get(name);
  if (apply === undefined || takeOne(cursor, ["("]) === undefined) return undefined;
  const parameters: Evaluate[] = [];
  do {
    const parameter = readSum(cursor);
    if (parameter === undefined) return undefined;
    parameters.push(parameter);
  } while (takeOne(cursor, [","]) !== undefined);
  return closed(cursor, (retried) => apply(...parameters.map((parameter) => parameter(retried))));
}

function closed(cursor: Cursor, inner: Evaluate | undefined): Evaluate | undefined {
  return takeOne(cursor, [")"]) === undefined ? undefined : inner;
}
