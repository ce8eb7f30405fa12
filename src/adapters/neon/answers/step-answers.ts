import { stepPurposes } from "../../../domain/plan/plan.ts";
import { asRecord } from "../../../domain/text/record.ts";
import type { Claim, ClaimedCall, ClaimedSummary, Committed } from "../../../ports/steps.ts";
import type { ClaimedToolbox } from "../../../ports/toolbox.ts";
import type { OutboxMessage } from "../../../ports/turns.ts";
import { outbox } from "./outbox-shapes.ts";
import type { Answer } from "./parse-answer.ts";
import { plan } from "./plan-shapes.ts";
import { saidMessage, sessionWindow, storedMemory, storedTrace } from "./session-shapes.ts";
import { anything, byKind, count, flag, list, nullable, object, oneOf, record, type Shape, text } from "./shape.ts";

const step: Shape<ClaimedCall["step"]> = object({
  id: text,
  index: count,
  agent_key: text,
  purpose: oneOf(stepPurposes),
  round: count,
  sees: list(count),
  instruction: nullable(text),
  waited_seconds: count,
  attempts: count,
  prompt_bound: nullable(count),
});

const toolbox: Shape<ClaimedToolbox> = object({
  decisions: list(object({ id: text, tool: text, arguments: record }, { decision: oneOf(["approved", "denied"]) })),
  began_at: text,
  servers: list(object({ name: text, url: text, authorization: nullable(text), requires_approval: flag })),
  entries: list(object({ kind: text, text, author_key: nullable(text) })),
  earlier: list(object({ agent_key: nullable(text), text })),
});

const claimed = {
  outbox,
  token: count,
  owner_id: text,
  session_id: text,
  turn_index: count,
  plan,
  step,
  is_exhausted: flag,
  checkpoint: nullable(text),
};

const withOutbox = object({ outbox });
type WithOutbox = { readonly outbox: readonly OutboxMessage[] };

const claimedCall: Shape<ClaimedCall & WithOutbox> = object({
  ...claimed,
  messages: list(saidMessage),
  window: sessionWindow,
  toolbox: nullable(toolbox),
  steps: list(storedTrace),
});

const claimedSummary: Shape<ClaimedSummary & WithOutbox> = object({ ...claimed, unsummarized: storedMemory });

const won: Shape<(ClaimedCall | ClaimedSummary) & WithOutbox> = (value) =>
  asRecord(asRecord(value).step).purpose === "summarize" ? claimedSummary(value) : claimedCall(value);

export const claimAnswer: Answer<Claim> = {
  from: "pantheon_claim_step",
  shape: byKind({
    unknown: anything,
    over: withOutbox,
    finished: withOutbox,
    not_ready: anything,
    leased: object({ retry_after_seconds: count }),
    won,
  } satisfies Record<Claim["kind"], unknown>),
};

export const commitAnswer: Answer<Committed> = {
  from: "pantheon_commit_step",
  shape: byKind({
    committed: withOutbox,
    already: withOutbox,
    cancelled: withOutbox,
    stale: object({ unsummarized: storedMemory }),
    fenced: anything,
  } satisfies Record<Committed["kind"], unknown>),
};

export const failAnswer: Answer<readonly OutboxMessage[]> = { from: "pantheon_fail_turn", shape: outbox };
export const sweepAnswer: Answer<readonly OutboxMessage[]> = { from: "pantheon_sweep", shape: outbox };
