import { MessageId, RoomId, StepId } from "../../contract/ids.ts";
import type { Turn, TurnCost, TurnMode, TurnStep, Usage } from "../../contract/turns.ts";
import { formatCredits } from "../../domain/money/credits.ts";
import { agentOf } from "../../domain/plan/plan.ts";
import type { NewStep, NewTurn, TurnSnapshot } from "../../ports/turns.ts";

/** A turn as it is written, of the conversation or beside it. */
export interface WrittenTurn
  extends Pick<
    NewTurn,
    "id" | "session_id" | "status" | "rounds" | "plan" | "metadata" | "steps" | "error" | "created_at"
  > {
  readonly mode: TurnMode;
  readonly message: { readonly id: string; readonly text: string } | null;
  readonly budget_units: string | null;
}

type Place = Pick<TurnSnapshot, "roomId">;

/** The turn as a client sees it before anything came of it. */
export function toCreatedTurn(turn: WrittenTurn, snapshot: Place, turnIndex: number): Turn {
  return {
    id: turn.id,
    session_id: turn.session_id,
    room_id: RoomId.parse(snapshot.roomId),
    turn_index: turnIndex,
    status: turn.status,
    mode: turn.mode,
    rounds: turn.rounds,
    message: turn.message && { id: MessageId.parse(turn.message.id), text: turn.message.text },
    metadata: turn.metadata,
    budget: turn.budget_units === null ? null : formatCredits(BigInt(turn.budget_units)),
    pause: null,
    response: null,
    outcome: null,
    steps: turn.steps.map((step) => toStep(turn, step)),
    usage: noUsage,
    cost: toCost(turn),
    error: turn.error,
    created_at: turn.created_at,
    started_at: null,
    finished_at: null,
  };
}

function toCost({ steps, status }: WrittenTurn): TurnCost {
  const held = status === "failed" ? 0n : steps.reduce((sum, step) => sum + BigInt(step.hold_units), 0n);
  return { credits: "0", held: formatCredits(held), by_agent: [], by_purpose: [] };
}

function toStep({ plan }: WrittenTurn, step: NewStep): TurnStep {
  const agent = agentOf(plan, step.agent_key);
  return {
    id: StepId.parse(step.id),
    index: step.step_index,
    purpose: step.purpose,
    agent_key: agent.key,
    agent_name: agent.name,
    model_alias: agent.model_alias,
    round: step.round,
    instruction: step.instruction,
    status: step.waiting_on === 0 ? "ready" : "waiting",
    attempts: 0,
    message_id: null,
    output: null,
    tool_calls: [],
    result: null,
    flags: [],
    error: null,
    usage: noUsage,
    started_at: null,
    finished_at: null,
  };
}

const noUsage: Usage = {
  model_calls: 0,
  fresh_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  credits: "0",
  cost_usd: null,
  is_estimated: false,
};
