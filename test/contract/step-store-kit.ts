import { SessionId, TurnId } from "../../src/contract/ids.ts";
import type { Mode } from "../../src/contract/rooms.ts";
import { windowToAudit } from "../../src/domain/context/audit.ts";
import { fitWindow } from "../../src/domain/context/fit-window.ts";
import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import { draftTurn } from "../../src/domain/turn/draft.ts";
import type { NewTurn } from "../../src/ports/turns.ts";

export interface WantedTurn {
  readonly mode: Mode;
  readonly agents: number;
  readonly rounds?: number;
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
    recent: [],
    historyTokens: 0,
    repliesToCome: 0,
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
    message: { id: crypto.randomUUID(), text: message, tokens: draft.messageTokens },
    steps: draft.steps.map((step) => ({ id: crypto.randomUUID(), ...step })),
    audits: [],
    created_at: new Date().toISOString(),
    per_minute: 100_000,
    per_hour: 100_000,
    rejection: null,
    reply: null,
  };
}

export const auditOfNothing = windowToAudit(
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
);
