import type { Mode } from "../../contract/rooms.ts";
import type { ContextRejection } from "../context/fit-window.ts";
import { managerKey, type TurnPlan } from "../plan/plan.ts";
import { maxSpeakersOf, planMost, planUsual } from "./course.ts";
import { draftTurn, managerModel, type SeatedAgent, type TurnDraft } from "./draft.ts";
import { type DraftStep, toDraftSteps } from "./rounds.ts";
import { type CostRange, costOf, heldFor, isSummary, type QuoteInput, sumKnown } from "./step-costs.ts";

export interface AgentQuote {
  readonly agentKey: string;
  readonly agentName: string;
  readonly modelAlias: string;
  readonly calls: number;
  /** Null when the alias has no price in force. */
  readonly cost: CostRange | null;
}

export interface QuotedTurn {
  readonly kind: "quoted";
  readonly mode: Mode;
  readonly rounds: number;
  readonly agents: readonly AgentQuote[];
  /** Null when a price is missing, as the next one is. */
  readonly total: CostRange | null;
  /** What creating the turn sets aside: the high of its first round. */
  readonly startUnits: bigint | null;
}

export type TurnQuote =
  | Extract<TurnDraft, { readonly kind: "refused" }>
  | { readonly kind: "oversize"; readonly rejection: ContextRejection }
  | QuotedTurn;

/** What a turn may cost, from the very plan that creating it would make; nothing of it is kept. */
export function quoteTurn(input: QuoteInput): TurnQuote {
  const manager = managerModel(input);
  const draft = draftTurn({ ...input, manager: manager ?? standInModel, agents: input.agents.map(withStandInPrice) });
  if (draft.kind === "refused") return draft;
  const { plan, oversize } = draft;
  if (oversize !== null) return { kind: "oversize", rejection: oversize.rejection };
  const unpriced = new Set(input.agents.filter(isUnpriced).map(({ key }) => key));
  if (manager === null) unpriced.add(managerKey);
  const most = [...draft.steps, ...laterSteps(plan, draft.steps)];
  const usual = [...draft.steps.filter(isSummary), ...toDraftSteps(plan, planUsual(plan), new Map())];
  const agents = plan.agents
    .map((agent) => {
      const own = ({ agent_key }: DraftStep) => agent_key === agent.key;
      const calls = most.filter(own).length;
      const cost = unpriced.has(agent.key)
        ? null
        : costOf(input, plan, { most: most.filter(own), usual: usual.filter(own) });
      return { agentKey: agent.key, agentName: agent.name, modelAlias: agent.model_alias, calls, cost };
    })
    .filter(({ agentKey, calls }) => calls > 0 || agentKey !== managerKey);
  const sum = sumKnown(agents.map(({ cost }) => cost));
  const total = sum === null ? null : { ...sum, high: heldFor(asMany(plan, most)) };
  const startUnits = total === null ? null : heldFor(draft.steps);
  return { kind: "quoted", mode: input.mode, rounds: plan.rounds, agents, total, startUnits };
}

/** Where a round asks fewer than it names, the costliest of them. */
function asMany(plan: TurnPlan, steps: readonly DraftStep[]): readonly DraftStep[] {
  const most = maxSpeakersOf(plan);
  if (most === null) return steps;
  const isReply = ({ purpose }: DraftStep) => purpose === "agent";
  const rounds = [...new Set(steps.filter(isReply).map(({ round }) => round))];
  const asked = rounds.flatMap((round) =>
    steps
      .filter((step) => isReply(step) && step.round === round)
      .toSorted(byHold)
      .slice(0, most),
  );
  return [...steps.filter((step) => !isReply(step)), ...asked];
}

function byHold(left: DraftStep, right: DraftStep): number {
  return Number(BigInt(right.hold_units) - BigInt(left.hold_units));
}

// So that an agent without a price takes its place among the others; what comes of these figures is left out.
const standInPrice = { provider_model: "", context_limit: Number.MAX_SAFE_INTEGER, multiplier_milli: 1 };
const standInModel = { ...standInPrice, model_alias: "" };

function withStandInPrice(agent: SeatedAgent): SeatedAgent {
  return isUnpriced(agent) ? { ...agent, ...standInPrice } : agent;
}

function isUnpriced(agent: SeatedAgent): boolean {
  return agent.provider_model === null || agent.context_limit === null || agent.multiplier_milli === null;
}

/** Of replies that nobody knows yet the cap counts. */
function laterSteps(plan: TurnPlan, first: readonly DraftStep[]): readonly DraftStep[] {
  const last = Math.max(...first.map(({ step_index }) => step_index));
  return toDraftSteps(
    plan,
    planMost(plan).filter(({ index }) => index > last),
    new Map(),
  );
}
