import { TurnMode } from "../../../contract/turns.ts";
import type { PlannedAgent, TurnPlan } from "../../../domain/plan/plan.ts";
import { count, fitting, list, object, recognised, type Shape, text } from "./shape.ts";

export const plannedAgent: Shape<PlannedAgent> = recognised<PlannedAgent>(
  object({
    key: text,
    name: text,
    role_prompt: text,
    model_alias: text,
    provider_model: text,
    context_limit: count,
    multiplier_milli: count,
  }),
);

export const plan: Shape<TurnPlan> = recognised<TurnPlan>(
  object({ version: count, mode: fitting(TurnMode), agents: list(plannedAgent) }),
);
