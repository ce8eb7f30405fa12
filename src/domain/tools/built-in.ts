import { calculate } from "./calculate.ts";
import type { Memory, Remembered } from "./search-memory.ts";
import { tellTime } from "./tell-time.ts";
import type { Tool, ToolAnswer, ToolArguments } from "./tool.ts";

/** What the built-in tools may know. */
export interface ToolInput {
  /** When the turn began: the machine's own time would differ from one try to the next. */
  readonly atMs: number;
  readonly memory: Memory;
}

interface BuiltIn extends Tool {
  readonly run: (given: ToolArguments, input: ToolInput) => ToolAnswer;
}

const maxFound = 10;
const usuallyFound = 5;

const builtIns: readonly BuiltIn[] = [
  {
    name: "calculator",
    description:
      "Works out an arithmetic expression of numbers, + - * / % ^, parentheses, sqrt, abs, min, max, round, floor and ceil.",
    parameters: closed({ expression: { type: "string", description: "For example (2 + 3) * sqrt(16)." } }, [
      "expression",
    ]),
    requiresApproval: false,
    run: runCalculator,
  },
  {
    name: "clock",
    description: "Tells the date and the time at which this turn began.",
    parameters: closed({
      time_zone: { type: "string", description: "An IANA time zone such as Europe/Berlin; UTC without it." },
    }),
    requiresApproval: false,
    run: runClock,
  },
  {
    name: "search_memory",
    description:
      "Searches this session for the words of a query: what was said earlier, and the facts, decisions, questions and actions noted.",
    parameters: closed(
      {
        query: { type: "string", description: "The words to look for." },
        limit: {
          type: "integer",
          minimum: 1,
          maximum: maxFound,
          description: `How many to find; ${usuallyFound} without it.`,
        },
      },
      ["query"],
    ),
    requiresApproval: false,
    run: runSearch,
  },
];

/** Tools without any effect outside the step; their results depend on nothing but what they are given. */
export const builtInTools: readonly Tool[] = builtIns.map(({ run: _, ...tool }) => tool);

/** Null when there is no such tool. */
export function runBuiltIn(name: string, given: ToolArguments, input: ToolInput): ToolAnswer | null {
  return builtIns.find((tool) => tool.name === name)?.run(given, input) ?? null;
}

function runCalculator({ expression }: ToolArguments): ToolAnswer {
  if (typeof expression !== "string") return failed('It needs "expression", a text.');
  const result = calculate(expression);
  return result.kind === "number" ? ok(String(result.value)) : failed(`The expression ${result.fault}.`);
}

function runClock({ time_zone: timeZone = null }: ToolArguments, { atMs }: ToolInput): ToolAnswer {
  if (timeZone !== null && (typeof timeZone !== "string" || timeZone.length > 64))
    return failed('"time_zone" is the name of a time zone, such as Europe/Berlin.');
  const told = tellTime(atMs, timeZone);
  return told === null
    ? failed('"time_zone" is no time zone that is known; for example Europe/Berlin is one.')
    : ok(told);
}

function runSearch({ query, limit = usuallyFound }: ToolArguments, { memory }: ToolInput): ToolAnswer {
  if (typeof query !== "string" || query.trim() === "") return failed('It needs "query", a text.');
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > maxFound)
    return failed(`"limit" is a whole number from 1 to ${maxFound}.`);
  const found = memory.search(query, limit);
  return ok(found.length === 0 ? "Nothing that is remembered has these words." : found.map(describe).join("\n"));
}

function describe({ kind, from, text }: Remembered, index: number): string {
  return `${index + 1}. ${JSON.stringify({ kind, from, text })}`;
}

function closed(properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) {
  return { type: "object", properties, required, additionalProperties: false };
}

function ok(text: string): ToolAnswer {
  return { kind: "ok", text };
}

function failed(text: string): ToolAnswer {
  return { kind: "failed", text };
}
