import { notFound } from "../app/not-found.ts";
import { PantheonError } from "../contract/errors.ts";
import type { Updated } from "../ports/updated.ts";
import type { Render } from "./render.ts";
import { json, type Rendered } from "./rendered.ts";

type Header = (name: string) => string | undefined;

interface Versioned {
  readonly version: number;
}

export function etagOf({ version }: Versioned): Rendered["headers"] {
  return { ETag: `"${version}"` };
}

/** The version that If-Match names; null when the client asks for none. */
export function expectedVersion(header: Header): number | null {
  const value = header("if-match")?.trim();
  if (value === undefined || value === "*") return null;
  const version = /^"([1-9]\d{0,8})"$/.exec(value)?.[1];
  if (version === undefined) throw stale();
  return Number(version);
}

/** What is there now, for whoever does not know this version of it. */
export const unlessKnown: Render<Versioned> = (resource, { header }) => {
  const etag = etagOf(resource);
  const tags = header("if-none-match")
    ?.split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  const isKnown = tags?.includes(`"${resource.version}"`) === true || tags?.includes("*") === true;
  return isKnown ? { status: 304, headers: etag, body: null } : json(200, resource, etag);
};

export const okWithEtag: Render<Versioned> = (resource) => json(200, resource, etagOf(resource));

export function settled<T>(updated: Updated<T>): T {
  if (updated.kind === "missing") throw notFound();
  if (updated.kind === "stale") throw stale();
  return updated.value;
}

function stale(): PantheonError {
  return new PantheonError("precondition_failed", "It was changed since the version that If-Match names.");
}
