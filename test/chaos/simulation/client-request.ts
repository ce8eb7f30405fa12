import type { Ports } from "../../../src/ports/ports.ts";

export interface Said {
  readonly status: number;
  readonly turnId: string | null;
}

/** What a client will do, and when. */
export interface ClientRequest {
  readonly what: string;
  readonly atMs: number;
  readonly perform: (ports: Ports) => Promise<Said>;
}

export const done: Said = { status: 200, turnId: null };
