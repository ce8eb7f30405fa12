import { SpeakerKey } from "../../contract/agents.ts";
import type { Mode } from "../../contract/rooms.ts";
import { isOver, type StepError, type TurnCost, type TurnStatus, type Usage } from "../../contract/turns.ts";
import { outcomeOf } from "../../domain/modes/mode.ts";
import { formatCredits } from "../../domain/money/credits.ts";
import { formatDecimal } from "../../domain/money/decimal.ts";
import type { PlannedAgent } from "../../domain/plan/plan.ts";
import { type StoredTrace, toTraces } from "../../domain/plan/traces.ts";

export interface TurnRow {
  readonly id: string;
  readonly mode: Mode | "summary";
  readonly status: TurnStatus;
  readonly budget_units: string | null;
  readonly held_units: string;
  readonly agents: readonly PlannedAgent[];
  readonly messages: readonly SaidRow[] | null;
  readonly steps: readonly StepRow[];
  readonly calls: readonly CallSum[];
}

interface SaidRow {
  readonly id: string;
  readonly position: number;
  readonly author: string;
  readonly text: string;
}

interface StepRow extends StoredTrace {
  readonly id: string;
  readonly error: StepError | null;
}

interface CallSum {
  readonly step_id: string;
  readonly model_calls: number;
  readonly fresh_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly charged_units: string;
  readonly cost_usd_pico: string | null;
  readonly is_estimated: boolean;
}

const usdDecimals = 12;

/** The turn as the wire has it; the contract's schema checks what the database says. */
export function toTurn({ agents, steps, calls, budget_units, held_units, ...turn }: TurnRow): unknown {
  const messages = turn.messages ?? [];
  const own = messages.find((message) => message.position === 0);
  return {
    ...turn,
    message: own === undefined ? null : { id: own.id, text: own.text },
    response: steps.flatMap(({ result }) => (result?.kind === "structured" ? [result.value] : [])).at(-1) ?? null,
    outcome: isOver(turn.status) ? outcomeOf(turn.mode, toTraces(steps)) : null,
    steps: steps.map((step) => toStep(step, agents, messages, calls)),
    budget: budget_units === null ? null : formatCredits(BigInt(budget_units)),
    usage: sumUsage(calls),
    cost: toCost(steps, calls, held_units),
  };
}

function toCost(steps: readonly StepRow[], calls: readonly CallSum[], heldUnits: string): TurnCost {
  const charged = (of: (step: StepRow) => string) => {
    const sums = new Map<string, bigint>();
    for (const step of steps) sums.set(of(step), (sums.get(of(step)) ?? 0n) + chargedUnits(callsOf(step, calls)));
    return [...sums].filter(([, units]) => units > 0n).map(([name, units]) => [name, formatCredits(units)] as const);
  };
  return {
    credits: formatCredits(chargedUnits(calls)),
    held: formatCredits(BigInt(heldUnits)),
    by_agent: charged((step) => step.agent_key).map(([key, credits]) => ({
      agent_key: SpeakerKey.parse(key),
      credits,
    })),
    by_purpose: charged((step) => step.purpose).map(([purpose, credits]) => ({ purpose, credits })),
  };
}

function callsOf(step: StepRow, calls: readonly CallSum[]): readonly CallSum[] {
  return calls.filter((call) => call.step_id === step.id);
}

function chargedUnits(calls: readonly CallSum[]): bigint {
  return calls.reduce((sum, call) => sum + BigInt(call.charged_units), 0n);
}

function toStep(
  step: StepRow,
  agents: TurnRow["agents"],
  messages: readonly SaidRow[],
  calls: readonly CallSum[],
): unknown {
  const agent = agents.find((each) => each.key === step.agent_key);
  const spoken = messages.find((message) => message.position === step.index + 1 && message.author === "agent");
  return {
    ...step,
    agent_name: agent?.name,
    model_alias: agent?.model_alias,
    message_id: spoken?.id ?? null,
    output: spoken?.text ?? null,
    usage: sumUsage(callsOf(step, calls)),
  };
}

function sumUsage(calls: readonly CallSum[]): Usage {
  const sum = (of: (call: CallSum) => number) => calls.reduce((total, call) => total + of(call), 0);
  const costs = calls.flatMap((call) => (call.cost_usd_pico === null ? [] : [BigInt(call.cost_usd_pico)]));
  return {
    model_calls: sum((call) => call.model_calls),
    fresh_tokens: sum((call) => call.fresh_tokens),
    cached_tokens: sum((call) => call.cached_tokens),
    output_tokens: sum((call) => call.output_tokens),
    credits: formatCredits(chargedUnits(calls)),
    cost_usd:
      costs.length === 0
        ? null
        : formatDecimal(
            costs.reduce((total, cost) => total + cost, 0n),
            usdDecimals,
          ),
    is_estimated: calls.some((call) => call.is_estimated),
  };
}
