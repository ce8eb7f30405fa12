import type { Caller } from "../ports/caller.ts";

/** What the middleware leaves for those behind it. */
export interface Variables {
  requestId: string;
  caller: Caller | undefined;
  rawBody: string;
}

export interface Env {
  Variables: Variables;
}
