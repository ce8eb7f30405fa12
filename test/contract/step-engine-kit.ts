import { SessionId, TurnId } from "../../src/contract/ids.ts";
import type { Mode } from "../../src/contract/rooms.ts";
import { windowToAudit } from "../../src/domain/context/audit.ts";
import { fitWindow } from "../../src/domain/context/fit-window.ts";
import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import { toTraces } from "../../src/domain/plan/traces.ts";
import { draftTurn } from "../../src/domain/turn/draft.ts";
import { neededWords, nextSteps } from "../../src/domain/turn/rounds.ts";
import type { ClaimedCall, OutcomeMessage, StepCommit, StepOutcome } from "../../src/ports/steps.ts";
import type { NewTurn, OutboxMessage } from "../../src/ports/turns.ts";
import { plainTurn } from "../support/said.ts";

export interface WantedTurn {
  readonly mode: Mode;
  readonly agents: number;
  readonly rounds?: number;
}

export interface BegunTurn {
  readonly id: string;
  readonly stepIds: readonly string[];
  readonly outbox: readonly OutboxMessage[];
}

/** A turn as `createTurn` would write it. */
export function newTurn(sessionId: string, { mode, agents, rounds = 1 }: WantedTurn): NewTurn {
  const keys = Array.from({ length: agents }, (_, index) => `agent-${index}`);
  const message = `${keys.map((key) => `@${key}`).join(" ")} speak`;
  const draft = draftTurn({
    room: { name: "Room", goal: "" },
    mode,
    rounds,
    agents: keys.map((key) => ({
      key,
      name: key,
      role_prompt: "",
      model_alias: "gpt-4o-mini",
      provider_model: "openai/gpt-4o-mini",
      context_limit: 128_000,
      multiplier_milli: 1000,
    })),
    pricingVersion: "2026-02-20",
    context: defaultContextSettings,
    turnIndex: 1,
    ...plainTurn,
    message,
  });
  if (draft.kind === "refused") throw new Error(draft.message);
  return {
    id: TurnId.parse(crypto.randomUUID()),
    session_id: SessionId.parse(sessionId),
    status: "queued",
    on_busy: "reject",
    mode,
    rounds,
    plan: draft.plan,
    metadata: {},
    budget_units: null,
    callback_url: null,
    callback_origin: null,
    error: null,
    message: { id: crypto.randomUUID(), text: message, ...draft.message },
    steps: draft.steps.map((step) => ({ id: crypto.randomUUID(), ...step })),
    audits: [],
    created_at: new Date().toISOString(),
    per_minute: 100_000,
    per_hour: 100_000,
    rejection: null,
  };
}

/** An end upon which nothing follows; whoever commits it gives its message an id. */
const plainEnd = { result: null, flags: [], events: [], next: [], next_needs: [], summary: null, after: null } as const;

export const failure: StepOutcome = {
  ...plainEnd,
  outcome: "failed",
  message: spoken("It failed."),
  error: { type: "refused", message: "It failed." },
};

export const silence = { ...plainEnd, outcome: "done", message: null, error: null, flags: ["silent"] } as const;

export function reply(text: string): StepOutcome {
  return { ...plainEnd, outcome: "done", message: spoken(text), error: null };
}

function spoken(text: string): OutcomeMessage {
  return { id: "", text, tokens: 4, token_class: "prose" };
}

/** With what follows it in its turn, as the product plans it. */
export function goingOn(turn: string, claim: ClaimedCall, outcome: StepOutcome): StepOutcome {
  const { plan, step, steps, messages } = claim;
  if (!("next" in outcome)) return outcome;
  const ended = { ...step, agentKey: step.agent_key, isDone: outcome.error === null, result: outcome.result };
  const next = nextSteps({ plan, seed: turn, ended, steps: toTraces(steps) }, new Map());
  const isSaid = outcome.outcome === "done" && outcome.message !== null;
  const said = isSaid ? [...messages, { author: "agent", position: step.index + 1 } as const] : messages;
  const next_needs = neededWords(plan, next, said);
  return { ...outcome, next: next.map((planned) => ({ id: crypto.randomUUID(), ...planned })), next_needs };
}

export function toCommit(turn: BegunTurn, index: number, token: number, outcome: StepOutcome): StepCommit {
  const base = {
    turn: turn.id,
    step: turn.stepIds[index] ?? "",
    token,
    calls: [],
    tool_calls: [],
    audit_id: crypto.randomUUID(),
    audit: auditOfNothing,
  };
  if (!("message" in outcome) || outcome.message === null) return { ...base, ...outcome };
  return { ...base, ...outcome, message: { ...outcome.message, id: crypto.randomUUID() } };
}

const auditOfNothing = windowToAudit(
  "gpt-4o-mini",
  fitWindow({
    settings: defaultContextSettings,
    modelLimit: 128_000,
    agentKey: "agent-0",
    promptTokens: 1,
    summary: null,
    history: [],
    current: { turnIndex: 1, isResolved: false, messages: [] },
    readsFromTurnIndex: 1,
  }),
  null,
);
