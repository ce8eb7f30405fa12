import { found, notFound } from "../app/not-found.ts";
import type { Reply } from "../app/reply.ts";
import { etagOf, json } from "../app/reply.ts";
import { PantheonError } from "../contract/errors.ts";
import type { Updated } from "../ports/updated.ts";

type Header = (name: string) => string | undefined;

/** The version that If-Match names; null when the client asks for none. */
export function expectedVersion(header: Header): number | null {
  const value = header("if-match")?.trim();
  if (value === undefined || value === "*") return null;
  const version = /^"([1-9]\d{0,8})"$/.exec(value)?.[1];
  if (version === undefined) throw stale();
  return Number(version);
}

export function withEtag<T extends { readonly version: number }>(resource: T | null, header: Header): Reply {
  const known = found(resource);
  const etag = etagOf(known);
  const tags = header("if-none-match")
    ?.split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  const isKnown = tags?.includes(`"${known.version}"`) === true || tags?.includes("*") === true;
  return isKnown ? { status: 304, headers: etag, body: null } : json(200, known, etag);
}

export function settled<T>(updated: Updated<T>): T {
  if (updated.kind === "missing") throw notFound();
  if (updated.kind === "stale") throw stale();
  return updated.value;
}

function stale(): PantheonError {
  return new PantheonError("precondition_failed", "It was changed since the version that If-Match names.");
}
