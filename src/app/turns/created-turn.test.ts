import { expect, it } from "vitest";
import { newSession } from "../../../test/support/said.ts";
import { SessionId, TurnId } from "../../contract/ids.ts";
import { Turn } from "../../contract/turns.ts";
import { defaultContextSettings } from "../../domain/context/settings.ts";
import { draftTurn } from "../../domain/turn/draft.ts";
import type { NewTurn, TurnSnapshot } from "../../ports/turns.ts";
import { toCreatedTurn } from "./created-turn.ts";

const agent = {
  key: "ada",
  name: 'Ada "turn_index":0',
  role_prompt: "",
  model_alias: "wide",
  provider_model: "maker/wide",
  context_limit: 128_000,
  multiplier_milli: 1000,
};

const snapshot: TurnSnapshot = {
  roomId: crypto.randomUUID(),
  room: { name: "Room", goal: "", mode: "roundtable" },
  manager: null,
  turnCount: 6,
  pricingVersion: "v1",
  agents: [agent],
  ...newSession,
};

function newTurn(text: string): NewTurn {
  const draft = draftTurn({
    ...snapshot,
    mode: "roundtable",
    rounds: 1,
    context: defaultContextSettings,
    seed: "",
    responseSchema: null,
    turnIndex: 7,
    message: text,
  });
  if (draft.kind === "refused") throw new Error(draft.message);
  return {
    id: TurnId.parse(crypto.randomUUID()),
    session_id: SessionId.parse(crypto.randomUUID()),
    status: "queued",
    on_busy: "reject",
    mode: "roundtable",
    rounds: 1,
    plan: draft.plan,
    metadata: { turn_index: 0 },
    budget_units: null,
    callback_url: null,
    callback_origin: null,
    error: null,
    message: { id: crypto.randomUUID(), text, ...draft.message },
    steps: draft.steps.map((step) => ({ id: crypto.randomUUID(), ...step })),
    audits: [],
    created_at: "2026-11-21T02:00:00.000Z",
    per_minute: 10,
    per_hour: 60,
    rejection: null,
  };
}

it("is the turn as the contract has it", () => {
  const turn = toCreatedTurn(newTurn("Go"), snapshot, 7);
  expect(Turn.parse(turn)).toEqual(turn);
  expect(turn).toMatchObject({ turn_index: 7, status: "queued", steps: [{ status: "ready", agent_key: "ada" }] });
});
