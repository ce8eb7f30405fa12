import { TurnId } from "../../../contract/ids.ts";
import { Mode } from "../../../contract/rooms.ts";
import { TurnMode, TurnStatus, Unaffordable } from "../../../contract/turns.ts";
import type { TokenRatios } from "../../../domain/tokens/calibrate-ratios.ts";
import type { ManagerModel, SeatedAgent } from "../../../domain/turn/draft.ts";
import type { HistorySize } from "../../../domain/turn/summary-step.ts";
import type {
  OutboxMessage,
  QuoteSnapshot,
  TurnCreation,
  TurnDecision,
  TurnResume,
  TurnSlot,
  TurnSnapshot,
} from "../../../ports/turns.ts";
import type { TurnRow } from "../turn-rows.ts";
import { outbox } from "./outbox-shapes.ts";
import type { Answer } from "./parse-answer.ts";
import { plannedAgent } from "./plan-shapes.ts";
import { sessionWindow, storedTraceFields } from "./session-shapes.ts";
import {
  anything,
  byKind,
  count,
  fitting,
  flag,
  list,
  nullable,
  object,
  recognised,
  type Shape,
  text,
} from "./shape.ts";

// The context reads each ratio by itself, and takes 1 for one that is odd.
const tokenRatios: Shape<TokenRatios> = recognised<TokenRatios>(object({}));

export const managerModel: Shape<ManagerModel> = object({
  model_alias: text,
  provider_model: text,
  context_limit: count,
  multiplier_milli: count,
  token_ratios: nullable(tokenRatios),
});

export const seatedAgent: Shape<SeatedAgent> = object({
  key: text,
  name: text,
  role_prompt: text,
  tools: list(text),
  model_alias: text,
  provider_model: nullable(text),
  context_limit: nullable(count),
  multiplier_milli: nullable(count),
  token_ratios: nullable(tokenRatios),
});

const history: Shape<HistorySize> = object({
  boundTokens: count,
  unsummarizedTokens: count,
  unsummarizedTurns: count,
  unsummarizedMessages: count,
  longestBoundTokens: count,
});

const snapshot = {
  roomId: text,
  room: object({ name: text, goal: text, mode: fitting(Mode) }),
  manager: nullable(managerModel),
  turnCount: count,
  pricingVersion: text,
  agents: list(seatedAgent),
  window: sessionWindow,
  history,
  repliesToCome: count,
  isSummarizing: flag,
};

export const snapshotAnswer: Answer<TurnSnapshot | null> = {
  from: "the snapshot of a turn",
  shape: nullable(object(snapshot)),
};

export const quoteSnapshotAnswer: Answer<QuoteSnapshot | null> = {
  from: "the snapshot of a quote",
  shape: nullable(object({ ...snapshot, walletUnits: text, windowTokens: count, windowMessages: count })),
};

const slot: Shape<TurnSlot> = object({
  minute_count: count,
  minute_resets_in: count,
  hour_count: count,
  hour_resets_in: count,
});

const withOutbox = object({ outbox });
export const refused = object({ refusal: fitting(Unaffordable) });

export const creationAnswer: Answer<TurnCreation> = {
  from: "pantheon_create_turn",
  shape: byKind({
    missing: anything,
    busy: object({ turn_id: text }),
    rate_limited: object({ slot }),
    no_endpoint: anything,
    unaffordable: refused,
    created: object({ turn_index: count, slot, outbox, interrupted: list(fitting(TurnId)) }),
  } satisfies Record<TurnCreation["kind"], unknown>),
};

export const resumeAnswer: Answer<TurnResume> = {
  from: "pantheon_resume_turn",
  shape: byKind({
    missing: anything,
    not_paused: anything,
    unaffordable: refused,
    awaiting_approval: anything,
    resumed: withOutbox,
  } satisfies Record<TurnResume["kind"], unknown>),
};

export const decisionAnswer: Answer<TurnDecision> = {
  from: "pantheon_decide_tool_calls",
  shape: byKind({
    missing: anything,
    unknown: object({ id: text }),
    decided: withOutbox,
  } satisfies Record<TurnDecision["kind"], unknown>),
};

export const cancelAnswer: Answer<readonly OutboxMessage[]> = { from: "pantheon_outbox_of_transaction", shape: outbox };

const said = object({ id: text, position: count, author: text, text });

const storedStep = object({ ...storedTraceFields, id: text, error: nullable(object({ type: text, message: text })) });

const callSum = object({
  step_id: text,
  model_calls: count,
  fresh_tokens: count,
  cached_tokens: count,
  output_tokens: count,
  charged_units: text,
  cost_usd_pico: nullable(text),
  is_estimated: flag,
});

/** What the turn on the wire is made from; the contract's schema checks what it comes to. */
export const turnAnswer: Answer<TurnRow | null> = {
  from: "a turn",
  shape: nullable(
    object({
      id: text,
      mode: fitting(TurnMode),
      status: fitting(TurnStatus),
      budget_units: nullable(text),
      held_units: text,
      agents: list(plannedAgent),
      messages: nullable(list(said)),
      steps: list(storedStep),
      calls: list(callSum),
    }),
  ),
};
