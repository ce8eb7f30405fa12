import { createHash } from "node:crypto";
import * as z from "zod";
import type { Reply } from "./redis-reply.ts";

type RunLua = (source: string, keyCount: number, ...args: readonly string[]) => Promise<unknown>;

export interface Scripts {
  /** Takes what follows the command's name: the source or its hash, the number of keys, keys and arguments. */
  eval(args: readonly string[]): Promise<Reply>;
  evalsha(args: readonly string[]): Promise<Reply>;
}

const ScriptOutcome = z.union([z.object({ reply: z.json() }), z.object({ err: z.string() })]);

// ioredis-mock hands back a handle into a closed Lua state for any table that is not a plain list, so the reply leaves Lua as JSON.
const preamble = [
  "redis.status_reply = function(s) return {ok = s} end",
  "redis.error_reply = function(s) return {err = s} end",
  "local function __quote(s)",
  `return '"' .. s:gsub('[%c"\\\\]', function(c) return string.format('\\\\u%04x', c:byte()) end) .. '"' end`,
  "local function __json(v) local t = type(v)",
  "if v == nil or v == false then return 'null' elseif v == true then return '1'",
  "elseif t == 'number' then return string.format('%d', v >= 0 and math.floor(v) or math.ceil(v))",
  "elseif t ~= 'table' then return __quote(tostring(v))",
  "elseif v.ok then return __quote(v.ok) end",
  "local out = {} local i = 1",
  "while v[i] ~= nil do out[i] = __json(v[i]) i = i + 1 end",
  "return '[' .. table.concat(out, ',') .. ']' end",
  "local function __body()",
].join(" ");

const epilogue = `
end
local __result = __body()
if type(__result) == 'table' and __result.err then return '{"err":' .. __quote(__result.err) .. '}' end
return '{"reply":' .. __json(__result) .. '}'`;

export function createScripts(runLua: RunLua): Scripts {
  const sourceByHash = new Map<string, string>();
  const execute = async (source: string, [keyCount = "", ...args]: readonly string[]): Promise<Reply> => {
    if (!/^\d+$/.test(keyCount)) throw new Error("ERR value is not an integer or out of range");
    if (Number(keyCount) > args.length) throw new Error("ERR Number of keys can't be greater than number of args");
    return outcomeToReply(await runLua(preamble + withoutShebang(source) + epilogue, Number(keyCount), ...args));
  };
  return {
    eval: ([source = "", ...rest]) => {
      sourceByHash.set(createHash("sha1").update(source).digest("hex"), source);
      return execute(source, rest);
    },
    evalsha: async ([hash = "", ...rest]) => {
      const source = sourceByHash.get(hash.toLowerCase());
      if (source === undefined) throw new Error("NOSCRIPT No matching script. Please use EVAL.");
      return execute(source, rest);
    },
  };
}

/** Redis 7 reads `#!lua …` itself; the Lua inside ioredis-mock does not. */
function withoutShebang(source: string): string {
  return source.startsWith("#!") ? source.slice(source.indexOf("\n")) : `\n${source}`;
}

function outcomeToReply(answer: unknown): Reply {
  const outcome = ScriptOutcome.parse(JSON.parse(z.string().parse(answer)));
  if ("err" in outcome) throw new Error(outcome.err);
  return jsonToReply(outcome.reply);
}

function jsonToReply(value: z.core.util.JSONType): Reply {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map(jsonToReply);
  throw new Error("ERR a script cannot answer with that value");
}
