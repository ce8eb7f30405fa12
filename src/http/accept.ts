import { parseAccept } from "hono/utils/accept";

/** How well a client likes a media type that it names, from 0 to 1. */
export function likingFor(accept: string | undefined, mediaType: string): number {
  return parseAccept(accept ?? "").find(({ type }) => type.toLowerCase() === mediaType)?.q ?? 0;
}
