import type { Context } from "hono";
import { PantheonError } from "../../contract/errors.ts";
import { readBounded } from "../read-bounded.ts";
import type { Env } from "../variables.ts";

const maxBodyBytes = 2 * 1024 * 1024;
const maxUrlLength = 8 * 1024;

export function refuseLongUrl(url: string): void {
  if (url.length > maxUrlLength)
    throw new PantheonError("uri_too_long", `A URL may have at most ${maxUrlLength} characters.`);
}

/** Reads a JSON body once, bounded; the text is kept for the request's fingerprint. */
export async function readBody(context: Context<Env>, isOptional: boolean): Promise<void> {
  const type = context.req.header("content-type");
  const isJson = /^application\/json\s*(?:;|$)/i.test(type ?? "");
  if (!isJson && !(isOptional && type === undefined)) throw notJson();
  const sent = await readText(context.req.raw);
  if (!isJson && sent !== "") throw notJson();
  const raw = isOptional && sent === "" ? "{}" : sent;
  parseJson(raw);
  context.set("rawBody", raw);
  const headers = new Headers(context.req.raw.headers);
  headers.set("content-type", "application/json");
  context.req.raw = new Request(context.req.raw, { body: raw, headers });
}

function notJson(): PantheonError {
  return new PantheonError("unsupported_media_type", "The body must be application/json.");
}

async function readText(request: Request): Promise<string> {
  const bytes = await readBounded(request, maxBodyBytes);
  if (bytes === null) throw new PantheonError("payload_too_large", `A body may have at most ${maxBodyBytes} bytes.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PantheonError("malformed_json", "The body is not UTF-8.", { cause });
  }
}

function parseJson(raw: string): void {
  try {
    JSON.parse(raw);
  } catch (cause) {
    throw new PantheonError("malformed_json", "The body is not valid JSON.", { cause });
  }
}
