import * as z from "zod";
import type { Reply } from "./redis-reply.ts";

/** ioredis-mock hands each stream entry out once and orders ids as text, so streams are kept here, as lists of JSON entries. */
export interface ListStore {
  read(key: string): Promise<readonly string[]>;
  write(key: string, items: readonly string[]): Promise<void>;
}

type Id = readonly [ms: number, sequence: number];
interface Entry {
  readonly id: Id;
  readonly fields: readonly string[];
}

const StoredEntry = z.object({ id: z.tuple([z.number(), z.number()]), fields: z.array(z.string()) });
const syntaxError = "ERR syntax error";

const handlers: Readonly<Record<string, (store: ListStore, args: readonly string[]) => Promise<Reply>>> = {
  xadd: addEntry,
  xlen: async (store, [key = ""]) => (await load(store, key)).length,
  xrange: (store, [key = "", start = "", end = "", ...options]) => range(store, { key, start, end, options }),
  xrevrange: async (store, [key = "", end = "", start = "", ...options]) => {
    const all = await range(store, { key, start, end, options: [] });
    return limit(all.toReversed(), countOption(options));
  },
  xread: readStreams,
  xdel: deleteEntries,
  xtrim: async (store, [key = "", ...options]) => {
    const entries = await load(store, key);
    const { kept } = trim(entries, options);
    await save(store, key, kept);
    return entries.length - kept.length;
  },
};

export function isStreamCommand(name: string): boolean {
  return Object.hasOwn(handlers, name.toLowerCase());
}

export async function runStreamCommand(store: ListStore, [name = "", ...args]: readonly string[]): Promise<Reply> {
  const handler = handlers[name.toLowerCase()];
  if (handler === undefined) throw new Error(`ERR Command is not available: '${name.toUpperCase()}'`);
  return handler(store, args);
}

async function addEntry(store: ListStore, [key = "", ...given]: readonly string[]): Promise<Reply> {
  const isNoCreate = given[0]?.toUpperCase() === "NOMKSTREAM";
  const entries = await load(store, key);
  if (isNoCreate && entries.length === 0) return null;
  const { rest, trimOptions } = splitTrimOptions(isNoCreate ? given.slice(1) : given);
  const [idText = "", ...fields] = rest;
  if (fields.length === 0 || fields.length % 2 !== 0)
    throw new Error("ERR wrong number of arguments for 'xadd' command");
  const id = nextId(idText, entries.at(-1)?.id ?? [0, 0]);
  await save(store, key, trim([...entries, { id, fields }], trimOptions).kept);
  return idToText(id);
}

interface Range {
  readonly key: string;
  readonly start: string;
  readonly end: string;
  readonly options: readonly string[];
}

async function range(store: ListStore, { key, start, end, options }: Range): Promise<readonly Reply[]> {
  const from = parseBound(start, 0);
  const to = parseBound(end, Number.MAX_SAFE_INTEGER);
  const entries = (await load(store, key)).filter(({ id }) => {
    const fromOrder = compare(id, from.id);
    const toOrder = compare(id, to.id);
    return (from.isOpen ? fromOrder > 0 : fromOrder >= 0) && (to.isOpen ? toOrder < 0 : toOrder <= 0);
  });
  return limit(entries.map(entryToReply), countOption(options));
}

async function readStreams(store: ListStore, args: readonly string[]): Promise<Reply> {
  const at = args.findIndex((arg) => arg.toUpperCase() === "STREAMS");
  const names = args.slice(at + 1);
  if (at < 0 || names.length === 0 || names.length % 2 !== 0) throw new Error(syntaxError);
  const count = countOption(args.slice(0, at));
  const keys = names.slice(0, names.length / 2);
  const streams: Reply[] = [];
  for (const [index, key] of keys.entries()) {
    const entries = await load(store, key);
    const after = names[keys.length + index] ?? "0";
    const seen = after === "$" ? (entries.at(-1)?.id ?? [0, 0]) : parseBound(after, 0).id;
    const fresh = limit(
      entries.filter(({ id }) => compare(id, seen) > 0),
      count,
    );
    if (fresh.length > 0) streams.push([key, fresh.map(entryToReply)]);
  }
  return streams.length === 0 ? null : streams;
}

async function deleteEntries(store: ListStore, [key = "", ...ids]: readonly string[]): Promise<Reply> {
  const doomed = ids.map((id) => idToText(parseBound(id, 0).id));
  const entries = await load(store, key);
  const kept = entries.filter(({ id }) => !doomed.includes(idToText(id)));
  await save(store, key, kept);
  return entries.length - kept.length;
}

function splitTrimOptions(args: readonly string[]) {
  if (!["MAXLEN", "MINID"].includes(args[0]?.toUpperCase() ?? "")) return { rest: args, trimOptions: [] };
  const threshold = args[1] === "~" || args[1] === "=" ? 2 : 1;
  const end = args[threshold + 1]?.toUpperCase() === "LIMIT" ? threshold + 3 : threshold + 1;
  return { rest: args.slice(end), trimOptions: args.slice(0, end) };
}

function trim(entries: readonly Entry[], options: readonly string[]): { readonly kept: readonly Entry[] } {
  const [strategy, ...rest] = options;
  if (strategy === undefined) return { kept: entries };
  const threshold = rest[0] === "~" || rest[0] === "=" ? rest[1] : rest[0];
  if (threshold === undefined) throw new Error(syntaxError);
  if (strategy.toUpperCase() === "MINID") {
    const oldest = parseBound(threshold, 0).id;
    return { kept: entries.filter(({ id }) => compare(id, oldest) >= 0) };
  }
  if (strategy.toUpperCase() !== "MAXLEN" || !/^\d+$/.test(threshold)) throw new Error(syntaxError);
  return { kept: entries.slice(Math.max(0, entries.length - Number(threshold))) };
}

function nextId(text: string, last: Id): Id {
  const now = Math.max(Date.now(), last[0]);
  if (text === "*") return [now, now === last[0] ? last[1] + 1 : 0];
  const [ms = ""] = text.split("-");
  const id: Id = text.endsWith("-*") ? [Number(ms), Number(ms) === last[0] ? last[1] + 1 : 0] : parseBound(text, 0).id;
  if (compare(id, last) > 0) return id;
  throw new Error("ERR The ID specified in XADD is equal or smaller than the target stream top item");
}

function parseBound(text: string, sequenceWhenAbsent: number): { readonly id: Id; readonly isOpen: boolean } {
  if (text === "-") return { id: [0, 0], isOpen: false };
  if (text === "+") return { id: [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], isOpen: false };
  const match = /^(\()?(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) throw new Error("ERR Invalid stream ID specified as stream command argument");
  return { id: [Number(match[2]), Number(match[3] ?? sequenceWhenAbsent)], isOpen: match[1] !== undefined };
}

function countOption(options: readonly string[]): number {
  if (options.length === 0) return Number.POSITIVE_INFINITY;
  if (options.length !== 2 || options[0]?.toUpperCase() !== "COUNT" || !/^\d+$/.test(options[1] ?? ""))
    throw new Error(syntaxError);
  return Number(options[1]);
}

function limit<Item>(items: readonly Item[], count: number): readonly Item[] {
  return items.slice(0, count);
}

function compare(left: Id, right: Id): number {
  return left[0] - right[0] || left[1] - right[1];
}

function idToText([ms, sequence]: Id): string {
  return `${ms}-${sequence}`;
}

function entryToReply({ id, fields }: Entry): Reply {
  return [idToText(id), fields];
}

async function load(store: ListStore, key: string): Promise<readonly Entry[]> {
  return (await store.read(key)).map((item) => StoredEntry.parse(JSON.parse(item)));
}

async function save(store: ListStore, key: string, entries: readonly Entry[]): Promise<void> {
  await store.write(
    key,
    entries.map((entry) => JSON.stringify(entry)),
  );
}
