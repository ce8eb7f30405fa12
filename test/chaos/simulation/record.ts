import type { Claim, Committed, StepCommit } from "../../../src/ports/steps.ts";
import type { ModelCall } from "./chaos-model.ts";
import type { WebhookHeard } from "./chaos-receiver.ts";

/** What a task was told of its claim or commit; what it was never told is not here. */
export interface ClaimHeard {
  readonly taskId: number;
  readonly step: string;
  readonly claim: Claim;
}

export interface CommitHeard {
  readonly taskId: number;
  readonly commit: StepCommit;
  readonly committed: Committed["kind"];
}

export interface ClientOutcome {
  readonly what: string;
  /** The request's own name, which its turn carries. */
  readonly key: string;
  /** The product's answer; null when the client never got one. */
  readonly answer: { readonly status: number; readonly turnId: string | null } | null;
}

/** Words that the user put in the place of others in the register. */
export interface Correction {
  readonly text: string;
  /** The product said that they are there. */
  isTaken: boolean;
}

/** All that happened in one schedule as seen from outside the database. */
export interface Chronicle {
  readonly calls: ModelCall[];
  readonly claims: ClaimHeard[];
  readonly commits: CommitHeard[];
  readonly clients: ClientOutcome[];
  readonly heard: WebhookHeard[];
  readonly corrections: Correction[];
  /** Messages that were pinned for some time. */
  readonly pinned: Set<string>;
  /** Errors that no fault explains. */
  readonly surprises: string[];
  readonly trace: string[];
  pauses: number;
  crashes: number;
  stalls: number;
  faults: number;
}

export function createChronicle(): Chronicle {
  return {
    calls: [],
    claims: [],
    commits: [],
    clients: [],
    heard: [],
    corrections: [],
    pinned: new Set(),
    surprises: [],
    trace: [],
    pauses: 0,
    crashes: 0,
    stalls: 0,
    faults: 0,
  };
}
