import commandInfo from "ioredis-mock/data/command-info.json" with { type: "json" };
import * as z from "zod";

type KeyKind = "string" | "hash" | "list" | "set" | "zset";

interface CommandRule {
  readonly arity: number;
  readonly flags: readonly string[];
  readonly categories: readonly string[];
  readonly keys: { readonly first: number; readonly last: number; readonly step: number };
}

const InfoRow = z
  .tuple([z.string(), z.int(), z.array(z.string()), z.int(), z.int(), z.int(), z.array(z.string())])
  .rest(z.unknown());

const ruleByName: ReadonlyMap<string, CommandRule> = new Map(
  z
    .array(InfoRow)
    .parse(commandInfo)
    .map(([name, arity, flags, first, last, step, categories]) => {
      return [name, { arity, flags, categories, keys: { first, last, step } }];
    }),
);

const kindByCategory: readonly (readonly [string, KeyKind])[] = [
  ["@string", "string"],
  ["@hash", "hash"],
  ["@list", "list"],
  ["@set", "set"],
  ["@sortedset", "zset"],
];

const refusedCategories = ["@admin", "@transaction", "@connection", "@pubsub", "@stream"];
const allowedAnyway = new Set(["ping", "echo", "publish", "pubsub"]);
const overwritesAnyKind = new Set(["set", "setex", "psetex", "setnx", "mset", "msetnx"]);
const expiryCommands = new Set(["expire", "pexpire", "expireat", "pexpireat"]);
const integerCommands = new Set(["incr", "decr", "incrby", "decrby"]);

const optionsAtByName: ReadonlyMap<string, number> = new Map([
  ["set", 3],
  ["scan", 2],
  ["sscan", 3],
  ["hscan", 3],
  ["zscan", 3],
  ["lpos", 3],
]);
const optionWords = new Set("NX XX GET EX PX EXAT PXAT MATCH COUNT TYPE RANK MAXLEN".split(" "));

/** What Redis would refuse before running the command; null when it may run. */
export function commandRefusal(command: readonly string[]): string | null {
  const [given = "", ...args] = command;
  const name = given.toLowerCase();
  const rule = ruleByName.get(name);
  if (rule === undefined || isRefused(name, rule)) return `ERR Command is not available: '${given.toUpperCase()}'`;
  const isArityRight = rule.arity > 0 ? command.length === rule.arity : command.length >= -rule.arity;
  if (!isArityRight) return `ERR wrong number of arguments for '${name}' command`;
  if (expiryCommands.has(name) && args.length > 2)
    return "ERR Unsupported option (the stand-in has no expiry conditions)";
  const isKeepingExpiry = name === "set" && args.slice(2).some((arg) => arg.toUpperCase() === "KEEPTTL");
  return isKeepingExpiry ? "ERR Unsupported option (the stand-in has no KEEPTTL)" : null;
}

/** ioredis-mock reads options in capitals only, and GET must not come before the expiry. */
export function withCanonicalOptions(command: readonly string[]): readonly string[] {
  const name = command[0]?.toLowerCase() ?? "";
  const optionsAt = optionsAtByName.get(name);
  if (optionsAt === undefined) return command;
  const options = command
    .slice(optionsAt)
    .map((word) => (optionWords.has(word.toUpperCase()) ? word.toUpperCase() : word));
  if (name !== "set") return [...command.slice(0, optionsAt), ...options];
  const others = options.filter((word) => word !== "GET");
  return [...command.slice(0, optionsAt), ...others, ...options.filter((word) => word === "GET")];
}

export interface KeyExpectation {
  readonly kind: KeyKind;
  readonly keys: readonly string[];
}

/** The kind of value the command needs at its keys; null when any kind will do. */
export function keyExpectation(command: readonly string[]): KeyExpectation | null {
  const name = command[0]?.toLowerCase() ?? "";
  const rule = ruleByName.get(name);
  if (rule === undefined || rule.keys.first === 0 || overwritesAnyKind.has(name)) return null;
  const kind = kindByCategory.find(([category]) => rule.categories.includes(category))?.[1];
  return kind === undefined ? null : { kind, keys: keysOf(command, rule) };
}

export function needsInteger(command: readonly string[]): boolean {
  return integerCommands.has(command[0]?.toLowerCase() ?? "");
}

function isRefused(name: string, rule: CommandRule): boolean {
  if (allowedAnyway.has(name)) return false;
  if (rule.flags.includes("blocking")) return true;
  return refusedCategories.some((category) => rule.categories.includes(category));
}

function keysOf(command: readonly string[], rule: CommandRule): readonly string[] {
  const { first, last, step } = rule.keys;
  const end = last < 0 ? command.length + last : last;
  return command.filter((_, index) => index >= first && index <= end && (index - first) % step === 0);
}
